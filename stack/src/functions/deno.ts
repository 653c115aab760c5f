import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

/**
 * The Deno program of the npm package `deno`. Its own launcher would stand between us and the process, and leave
 * it behind when it is killed; its install script may not have run.
 * @throws Error when the package of this platform is not installed
 */
export function findDeno(): string {
  found ??= find();
  return found;
}

let found: string | undefined;

function find(): string {
  const inPackage = path.join(path.dirname(require.resolve("deno/package.json")), denoName);
  if (existsSync(inPackage)) return inPackage;
  const platform = `@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;
  try {
    const fromDeno = createRequire(require.resolve("deno/package.json"));
    return path.join(path.dirname(fromDeno.resolve(`${platform}/package.json`)), denoName);
  } catch (cause) {
    throw new Error(`cannot run functions: the package ${platform} is not installed; run npm install`, {
      cause,
    });
  }
}

const denoName = process.platform === "win32" ? "deno.exe" : "deno";
