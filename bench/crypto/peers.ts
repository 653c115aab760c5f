import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder = path.join(import.meta.dirname, "..", "peers", "crypto");
const { resolve } = createRequire(path.join(folder, "package.json"));

/** A peer's module; null where it is not installed, which is said once. */
export async function peer<Module>(name: string): Promise<Module | null> {
  try {
    const found = (await import(pathToFileURL(resolve(name)).href)) as Module & { default?: Partial<Module> };
    // CommonJS gives all it has as its default.
    return { ...found.default, ...found };
  } catch {
    console.log(`${name} is not measured (npm install --no-package-lock --prefix bench/peers/crypto)`);
    return null;
  }
}

/** Seconds that something takes. */
export async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}
