import pg from "pg";
import { load, rounds } from "./lib/load.ts";
import { giveTasks, makePeople } from "./lib/people.ts";
import { listOf } from "./lib/requests.ts";
import { median, type Result, round } from "./lib/result.ts";
import { type BenchStack, scratch, startStack } from "./lib/stack.ts";

/** The first and the last page of one person's 20,000 tasks. */
export async function run(): Promise<Result> {
  const data = scratch();
  const stack = await startStack(data.folder);
  try {
    const [ada] = await makePeople(stack, 1);
    if (!ada) throw new Error("Nobody was made");
    await giveTasks(stack, [ada.id], 20_000);
    const first = listOf(stack, ada);
    const last = listOf(stack, ada, await lastCursor(stack, ada.id));
    await load(stack.url, [first]);
    const speeds: { first: number[]; last: number[] } = { first: [], last: [] };
    for (let round = 0; round < rounds; round++) {
      speeds.first.push((await load(stack.url, [first])).perSecond);
      speeds.last.push((await load(stack.url, [last])).perSecond);
    }
    const ratio = round(median(speeds.last) / median(speeds.first), 2);
    return {
      what: "Pages of 20 among one user's 20,000 tasks by keyset, 16 connections",
      figures: [
        { name: "first page", value: median(speeds.first), unit: "requests/s" },
        { name: "last page", value: median(speeds.last), unit: "requests/s" },
        { name: "last / first", value: ratio, unit: "ratio", goal: ">= 0.9" },
      ],
    };
  } finally {
    await stack.stop();
    data.remove();
  }
}

/** Where the last page begins: after the row that 20 come after. */
async function lastCursor(stack: BenchStack, owner: string): Promise<string> {
  const client = new pg.Client({ connectionString: stack.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string; position: string }>(
    "select id, position from public.tasks where owner_id = $1 order by position desc, id desc limit 1 offset 20",
    [owner],
  );
  await client.end();
  const [row] = rows;
  if (!row) throw new Error("There are no tasks to page through");
  const beyond = `or=(position.gt.${row.position},and(position.eq.${row.position},id.gt.${row.id}))`;
  return `&position=gte.${row.position}&${beyond}`;
}
