import { build } from "esbuild";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    auth: "src/auth/index.ts",
    schema: "src/schema/index.ts",
    sanitize: "src/sanitize/index.ts",
    crypto: "src/crypto/index.ts",
    "crypto-devices": "src/crypto/devices.ts",
    "crypto-files": "src/crypto/files.ts",
    "crypto-rooms": "src/crypto/rooms.ts",
    keystore: "src/store/keys/index.ts",
    node: "src/node/index.ts",
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
  // CJS has no address of its own to find a worker by; the keystore then works in the page, and says so.
  esbuildOptions: (options) => {
    options.logOverride = { "empty-import-meta": "silent" };
  },
  // One file that imports nothing: bundlers copy it as it is.
  onSuccess: async () => {
    await build({
      entryPoints: ["src/store/keys/worker.ts"],
      outfile: "dist/keystore-worker.js",
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      sourcemap: false,
    });
  },
});
