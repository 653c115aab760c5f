import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/cli.ts"],
  format: "esm",
  target: "node20",
  splitting: true,
  // The package's users read types from the entry alone; the command has none.
  dts: { entry: "src/index.ts" },
  clean: true,
  // Optional: loaded where npm could install it.
  external: ["sharp"],
});
