import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { StackEnv } from "../env.ts";
import { lockHolder } from "./lock.ts";

/** What a running stack has written of itself; `env` is null until it is up. */
export interface RunningStack {
  pid: number;
  env: StackEnv | null;
}

const fileOf = (folder: string) => path.join(folder, "state.json");

/** Tells other commands where the stack of this process is. */
export async function writeState(folder: string, env: StackEnv): Promise<void> {
  const file = fileOf(folder);
  await writeFile(`${file}.new`, `${JSON.stringify({ pid: process.pid, env })}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export const removeState = (folder: string) => rm(fileOf(folder), { force: true });

/** What runs on a data directory, or null. */
export async function readRunning(folder: string): Promise<RunningStack | null> {
  const pid = await lockHolder(folder);
  if (pid === null) return null;
  const text = await readFile(fileOf(folder), "utf8").catch(() => "");
  return { pid, env: parse(text, pid) };
}

// A file that a killed stack left behind, or that somebody spoilt, says nothing about the one that runs now.
function parse(text: string, pid: number): StackEnv | null {
  try {
    const state = JSON.parse(text) as { pid: number; env: StackEnv };
    return state.pid === pid ? state.env : null;
  } catch {
    return null;
  }
}
