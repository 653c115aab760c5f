import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** The command line of a running process, or null when there is none with this id. */
export function commandOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return null;
  }
  try {
    if (process.platform === "linux") {
      // The third field after the name is the state; a zombie has ended and only waits to be collected.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      if (stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return null;
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    }
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
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
  const end = Date.now() + within;
  while (!(await check())) {
    if (Date.now() > end) return false;
    await wait(every);
  }
  return true;
}
