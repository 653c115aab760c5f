import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Each project is one rung of `npm test`: unit beside the code, the others against a running stack.
    projects: [
      {
        test: {
          name: "unit",
          include: ["sdk/src/**/*.test.ts", "stack/src/**/*.test.ts", "examples/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: "sql", include: ["tests/sql/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: "story",
          include: ["tests/{story,policy,attack}/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "gate",
          include: ["tests/gate/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
