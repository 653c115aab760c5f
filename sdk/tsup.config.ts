import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    auth: "src/auth/index.ts",
    schema: "src/schema/index.ts",
    sanitize: "src/sanitize/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  // Chunks keep what loads by import() out of the entries; CJS cannot split, and has one file per entry.
  splitting: true,
  treeshake: true,
  minify: false,
  sourcemap: true,
  clean: true,
  dts: true,
});
