import { readdirSync, readFileSync } from "node:fs";

/** Each look at a browser costs some milliseconds. */
const EVERY_MS = 200;

/** The most that processes hold while work goes on; in MB of a million bytes. */
export async function peakOf(pids: readonly number[], work: () => Promise<unknown>): Promise<number> {
  let peak = held(pids);
  const look = setInterval(() => {
    peak = Math.max(peak, held(pids));
  }, EVERY_MS);
  try {
    await work();
  } finally {
    clearInterval(look);
  }
  return peak;
}

/** A page that several processes share counts for each by its share. */
export const held = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + pss(pid), 0);

function pss(pid: number): number {
  try {
    const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
    return (Number(line?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0; // It has ended.
  }
}

/** A process and all below it. */
export function family(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {}
  }
  const below = (one: number): number[] => [one, ...(children.get(one) ?? []).flatMap(below)];
  return below(pid);
}
