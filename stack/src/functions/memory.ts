import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

/** What Deno itself takes before a function is loaded, in MiB. */
const runtimeMb = 64;

/** Milliseconds between two looks. */
const every = 250;

const pageMb = 4096 / 1_048_576;

/**
 * Watches what a process takes of memory, where the system tells (Linux): V8 bounds its heap by itself, buffers
 * outside it are nobody else's to count.
 * @returns ends the watch
 */
export function watchMemory(child: ChildProcess, limitMb: number, onTooMuch: () => void): () => void {
  if (process.platform !== "linux") return () => {};
  const timer = setInterval(() => {
    if (residentMb(child.pid) > limitMb + runtimeMb) onTooMuch();
  }, every);
  timer.unref();
  return () => clearInterval(timer);
}

// The third field of statm are the pages shared with files: the program itself, which no function pays for.
function residentMb(pid: number | undefined): number {
  try {
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
    return (resident - shared) * pageMb;
  } catch {
    return 0;
  }
}
