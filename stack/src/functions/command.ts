import { existsSync } from "node:fs";
import path from "node:path";
import type { Declared, FunctionSpec } from "./types.ts";

export interface CommandOptions {
  spec: FunctionSpec;
  declared: Declared;
  /** The Unix socket that it answers on. */
  socket: string;
  /** The module that runs before the function's own. */
  prelude: string;
  /** Names of the environment that it may see. */
  env: string[];
  /** Addresses of the stack. */
  stackHosts: string[];
}

/**
 * The words that start a function's process. What is not allowed here is refused by Deno with an error in the
 * function: no programs, no native code, no system information, no writing; nothing is fetched to import it.
 */
export function denoArguments(options: CommandOptions): string[] {
  const { spec, declared, socket, prelude } = options;
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--cached-only",
    "--no-lock",
    "--no-check",
    "--node-modules-dir=manual",
    // A request's signal speaks of the caller's leaving, not of the answer's end.
    "--unstable-no-legacy-abort",
    `--v8-flags=--max-old-space-size=${Math.floor(declared.limits.memoryMb)}`,
    ...importMapFlags(spec.importMap),
    `--allow-net=${[...options.stackHosts, ...declared.net, `unix:${socket}`].join(",")}`,
    `--allow-read=${[...readable(spec), socket].map(escapePath).join(",")}`,
    // Listening makes the socket's file: the only path that it may write.
    `--allow-write=${escapePath(socket)}`,
    `--allow-env=${options.env.join(",")}`,
    // Any other name is unset, not refused: libraries ask for NODE_ENV and the like.
    "--ignore-env",
    `--preload=${prelude}`,
    spec.entrypoint,
  ];
}

function importMapFlags(file: string | null): string[] {
  if (file === null) return ["--no-config"];
  const isConfig = /^deno\.jsonc?$/.test(path.basename(file));
  return isConfig ? [`--config=${file}`] : ["--no-config", `--import-map=${file}`];
}

/** Its own folder, what functions share, static files, and the installed packages. */
function readable(spec: FunctionSpec): string[] {
  const own = path.dirname(spec.entrypoint);
  const shared = path.join(path.dirname(own), "_shared");
  return [own, shared, ...spec.staticFiles, ...packagesAbove(own)].filter((one) => existsSync(one));
}

function packagesAbove(folder: string): string[] {
  const here = path.join(folder, "node_modules");
  const parent = path.dirname(folder);
  return [...(existsSync(here) ? [here] : []), ...(parent === folder ? [] : packagesAbove(parent))];
}

// In Deno's lists a comma parts two paths, and two commas stand for one.
const escapePath = (file: string) => file.replaceAll(",", ",,");
