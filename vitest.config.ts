import { configDefaults, defineConfig } from "vitest/config";

/** One rung of `npm test`. Times are caps on a hang, in seconds; no test asserts a time. */
const rung = (name: string, include: string[], cap: number, elsewhere: string[] = []) => ({
  test: {
    name,
    include,
    exclude: [...configDefaults.exclude, ...elsewhere],
    testTimeout: cap * 1000,
    hookTimeout: cap * 1000,
    // Left out, it is one second, which a busy machine takes for a stack's answer now and then.
    expect: { poll: { timeout: (cap * 1000) / 2 } },
  },
});

/** Stories that take long: they run with `npm run test:long`, so that `npm test` stays within twelve minutes. */
const long = [
  "tests/attack/{chat-{people,rooms,members,server},files-server}.test.ts",
  "tests/policy/topics-mutation.test.ts",
  "tests/story/{chat-hostile-blind,chat-stories-members,files-blind,files-hostile}.test.ts",
  "tests/story/{live-{faults,silence},realtime-edges,stack-{backup,trouble}}.test.ts",
];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      rung("unit", ["{sdk,stack,examples/*}/src/**/*.test.ts", "tests/{vectors,simulator}/**/*.test.ts"], 60),
      rung("sql", ["tests/sql/**/*.test.ts"], 120),
      rung("story", ["tests/{story,policy,attack}/**/*.test.ts"], 120, long),
      rung("gate", ["tests/gate/**/*.test.ts"], 180),
      rung("browser", ["tests/browser/**/*.test.ts"], 180),
      rung("long", ["tests/long/**/*.test.ts", ...long], 1200),
    ],
  },
});
