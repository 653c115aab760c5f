import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { commandOf } from "../process/running.ts";

const mark = ".unfinished-";

/** A name beside `target` for what becomes it in the end; it tells which process is at work. */
export const asideOf = (target: string) => `${target}${mark}${process.pid}`;

/** Removes what killed processes left beside `target`. */
export async function removeAbandoned(target: string): Promise<void> {
  const folder = path.dirname(target);
  const begin = path.basename(target) + mark;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(begin)) continue;
    const pid = Number(name.slice(begin.length));
    if (pid === process.pid || commandOf(pid) === null)
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
