import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { makePeople } from "./lib/people.ts";
import { listOf } from "./lib/requests.ts";
import { type Figure, type Result, round } from "./lib/result.ts";
import { scratch, startStack } from "./lib/stack.ts";

/** Longer than REST's connections stay open without use. */
const idle = 15_000;

/** Proportional memory of every process of the stack, once it has served somebody and is idle again. */
export async function run(): Promise<Result> {
  const data = scratch();
  const stack = await startStack(data.folder);
  try {
    const [ada] = await makePeople(stack, 1);
    if (!ada) throw new Error("Nobody was made");
    const { path, headers } = listOf(stack, ada);
    for (let turn = 0; turn < 50; turn++) await ask(stack.url + path, headers);
    await wait(idle);
    const small = measure(stack.pid);
    // An embed is beyond the direct path and loads lite.
    await ask(`${stack.url}/rest/v1/tasks?select=id,goals(title)`, headers);
    await wait(idle);
    const large = measure(stack.pid);
    return {
      what: "PSS of all processes of the stack, idle after use",
      figures: [
        ...small,
        { ...total(small), goal: "<= 220" },
        { ...total(large), name: "all processes, once lite is loaded", goal: "<= 220" },
      ],
    };
  } finally {
    await stack.stop();
    data.remove();
  }
}

async function ask(url: string, headers: Record<string, string>): Promise<void> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
}

function measure(pid: number): Figure[] {
  const pids = [pid, ...descendants(pid)];
  const sizes = pids.map((one) => ({ postgres: isPostgres(one), mib: pss(one) }));
  const sum = (postgres: boolean) =>
    round(
      sizes.filter((size) => size.postgres === postgres).reduce((all, { mib }) => all + mib, 0),
      1,
    );
  const count = sizes.filter(({ postgres }) => postgres).length;
  return [
    { name: "node", value: sum(false), unit: "MB" },
    { name: `Postgres (${count} processes)`, value: sum(true), unit: "MB" },
  ];
}

const total = (figures: readonly Figure[]): Figure => ({
  name: "all processes",
  value: round(
    figures.reduce((all, { value }) => all + value, 0),
    1,
  ),
  unit: "MB",
});

function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {}
  }
  const below = (one: number): number[] =>
    [...parents].filter(([, parent]) => parent === one).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

const isPostgres = (pid: number) => readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("postgres");

/** Each shared page counted by its share. In MB of a million bytes. */
function pss(pid: number): number {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
  return (Number(line?.[1] ?? 0) * 1024) / 1e6;
}
