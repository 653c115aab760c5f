import { execFile } from "node:child_process";
import { type FSWatcher, statSync, watch } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { FunctionSpec } from "./types.ts";

const run = promisify(execFile);

/** An editor writes a file in several steps; milliseconds of silence after which a change counts. */
const settle = 60;

/**
 * Watches what a function is made of: its own folder, every module that it imports, its import map and the file of
 * secrets.
 * @param onChange called once
 * @returns ends the watch
 */
export function watchFunction(
  spec: FunctionSpec,
  { deno, cache, secrets }: { deno: string; cache: string; secrets: string },
  onChange: () => void,
): () => void {
  const watchers: FSWatcher[] = [];
  let ended = false;
  let timer: NodeJS.Timeout | null = null;
  const end = () => {
    ended = true;
    if (timer) clearTimeout(timer);
    for (const watcher of watchers.splice(0)) watcher.close();
  };
  const changed = () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => {
      if (ended) return;
      end();
      onChange();
    }, settle);
    timer.unref();
  };
  const own = path.dirname(spec.entrypoint);
  const look = (files: Set<string>) => {
    if (ended) return;
    const folders = new Set([own, ...[...files].map((file) => path.dirname(file))]);
    for (const folder of folders) watchers.push(...watchFolder(folder, own, files, changed));
  };
  const began = Date.now();
  look(new Set([spec.entrypoint, secrets, ...(spec.importMap ? [spec.importMap] : [])]));
  void modulesOf(spec, deno, cache).then((modules) => {
    look(new Set(modules));
    // What changed while they were being found out was not seen by a watch.
    if (modules.some((file) => changedAfter(file, began))) changed();
  });
  return end;
}

const changedAfter = (file: string, moment: number) =>
  (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > moment;

// A folder that is not there, or whose watch the system refuses, is not watched: that ends no function.
function watchFolder(folder: string, own: string, files: Set<string>, changed: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (folder === own || name === null || files.has(path.join(folder, name))) changed();
    });
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

interface Graph {
  modules?: { local?: string; specifier: string }[];
}

async function modulesOf(spec: FunctionSpec, deno: string, cache: string): Promise<string[]> {
  const flags = ["info", "--json", "--quiet", "--no-remote", "--no-lock", "--node-modules-dir=manual"];
  const map = spec.importMap === null ? ["--no-config"] : [configFlag(spec.importMap)];
  try {
    const { stdout } = await run(deno, [...flags, ...map, spec.entrypoint], {
      cwd: "/",
      env: { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" },
      maxBuffer: 64 * 1_048_576,
    });
    const { modules = [] } = JSON.parse(stdout) as Graph;
    return modules
      .filter(({ specifier }) => specifier.startsWith("file:") && !specifier.includes("/node_modules/"))
      .map(({ specifier }) => fileURLToPath(specifier));
  } catch {
    return [];
  }
}

const configFlag = (file: string) =>
  /^deno\.jsonc?$/.test(path.basename(file)) ? `--config=${file}` : `--import-map=${file}`;
