import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

/** Whether an id is taken, be it by a zombie or another user's process. */
export function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The command line of a running process, or null when there is none with this id. */
export function commandOf(pid: number): string | null {
  if (!answers(pid)) return null;
  try {
    if (process.platform === "linux") {
      // A zombie has ended and only waits to be collected.
      if (statFields(readFileSync(`/proc/${pid}/stat`, "utf8"))[0] === "Z") return null;
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    }
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
  }
}

// The name in brackets may hold spaces and brackets of its own; the fields count from the state behind it.
const statFields = (stat: string) => stat.slice(stat.lastIndexOf(")") + 2).split(" ");

/**
 * What tells two processes with the same id apart: the boot and the kernel's start time, both independent of the
 * clock (Linux); elsewhere the moment at which it was started, as `ps` tells it.
 * @returns "" when there is no such process
 */
export async function birthOf(pid: number): Promise<string> {
  if (commandOf(pid) === null) return "";
  if (process.platform !== "linux") return startedAt(pid);
  const read = (file: string) => readFile(file, "utf8").catch(() => "");
  const boot = (await read("/proc/sys/kernel/random/boot_id")).trim();
  return `${boot} ${statFields(await read(`/proc/${pid}/stat`))[19] ?? ""}`;
}

function startedAt(pid: number): string {
  try {
    const env = { PATH: process.env.PATH, TZ: "UTC", LC_ALL: "C" };
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env }).trim();
  } catch {
    return "alive";
  }
}

/** The processes that work in a folder, where the system tells (Linux); those of other users only for root. */
export function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && workingFolder(Number(name)) === folder)
    .map(Number);
}

/** The working folder of a process without symbolic links, or null when the system does not tell. */
export function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** Sends a signal; that the process has ended meanwhile is no failure. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Asks until `check` is true or the time is over.
 * @param within milliseconds
 * @param every milliseconds between two questions
 * @returns whether it became true
 */
export async function until(
  check: () => boolean | Promise<boolean>,
  within: number,
  every = 10,
): Promise<boolean> {
  const end = performance.now() + within;
  while (!(await check())) {
    if (performance.now() > end) return false;
    await wait(every);
  }
  return true;
}
