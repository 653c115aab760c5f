import path from "node:path";
import { packageRoot } from "../package-root.ts";
import { denoArguments } from "./command.ts";
import { readDeclared } from "./declared.ts";
import { findDeno } from "./deno.ts";
import { functionEnvironment, secretsFile } from "./environment.ts";
import { watchFunction } from "./graph.ts";
import type { FunctionLog } from "./log.ts";
import type { FunctionsOptions } from "./options.ts";
import type { Launch } from "./runner.ts";
import type { FunctionSpec } from "./types.ts";
import { Worker } from "./worker.ts";

export interface LauncherOptions extends FunctionsOptions {
  /** Folder of the sockets. */
  sockets: string;
  /** Where Deno keeps what it has compiled. */
  cache: string;
  output: FunctionLog;
}

/** Runs as a file: Deno reads no TypeScript below node_modules, where this package may lie. */
const prelude = path.join(packageRoot, "src", "functions", "prelude.mjs");

/** Starts processes; what a function declares and its secrets are read anew at each start. */
export function createLauncher(options: LauncherOptions) {
  let count = 0;
  const hosts = [options.apiUrl, options.databaseUrl].map((url) => new URL(url).host).flatMap(byBothNames);
  const stackHosts = [...hosts, ...(options.stackHosts ?? [])];
  return (spec: FunctionSpec, onChange: () => void): Launch => {
    const { cache, project } = options;
    const deno = findDeno();
    const declared = readDeclared(spec.importMap, spec.name);
    const env = {
      ...functionEnvironment({
        project,
        apiUrl: options.apiUrl,
        databaseUrl: options.databaseUrl,
        keys: options.keys,
        secrets: options.runtime.secrets ?? {},
        extra: options.env ?? {},
      }),
      SB_EXECUTION_ID: crypto.randomUUID(),
    };
    const socket = path.join(options.sockets, `${++count}`);
    const names = [...Object.keys(env), "TRACKIT_FUNCTION_MARK"];
    const args = denoArguments({ spec, declared, socket, prelude, env: names, stackHosts });
    const log = options.output.of(spec.name);
    const worker = new Worker({ deno, args, env, cache, socket, memoryMb: declared.limits.memoryMb, log });
    const unwatch =
      options.watch === false
        ? () => {}
        : watchFunction(spec, { deno, cache, secrets: secretsFile(project) }, onChange);
    return { worker, declared, unwatch };
  };
}

// People write either; to a permission they are two hosts.
const byBothNames = (host: string) => [host, host.replace("127.0.0.1", "localhost")];
