import { afterAll, expect, it } from "vitest";
import {
  cleanUp,
  killFound,
  postmaster,
  query,
  readNotes,
  startUp,
  type Up,
  waitFor,
  writeNote,
} from "../story/stack-kit.ts";

afterAll(cleanUp);

/** 10 in CI; 100 by command: TRACKIT_KILLS=100 npm run test:long */
const kills = Number(process.env.TRACKIT_KILLS ?? 10);
const seed = Number(process.env.TRACKIT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers from 0 up to 1, the same for the same seed. @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function random(state: number): () => number {
  let a = state;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ids of the processes that may be killed, by what they are. */
async function victims(up: Up): Promise<[string, number][]> {
  const rows = await query<{ kind: string; pid: number }>(
    up,
    "select backend_type as kind, pid from pg_stat_activity where pid <> pg_backend_pid() order by pid",
  );
  return [
    ["stack", up.pid],
    ["postmaster", postmaster(up)],
    ...rows.map(({ kind, pid }): [string, number] => [kind, pid]),
  ];
}

it(`${kills} kills of whatever comes, under load: no acknowledged row is lost (seed ${seed})`, async () => {
  const next = random(seed);
  let up = await startUp();
  const acknowledged: string[] = [];
  let on = true;
  const writer = (async () => {
    for (let n = 0; on; n++) {
      const answer = await writeNote(up, `note ${n}`).catch(() => null);
      if (answer?.status === 201) acknowledged.push(`note ${n}`);
      await answer?.arrayBuffer().catch(() => {});
    }
  })();
  for (let n = 0; n < kills; n++) {
    const before = acknowledged.length;
    await waitFor(() => acknowledged.length > before + Math.floor(next() * 50));
    const [kind] = await killFound(
      async () => {
        const choice = await victims(up);
        return choice[Math.floor(next() * choice.length)] ?? ["stack", up.pid];
      },
      ([, pid]) => pid,
    );
    if (kind === "stack") up = await startUp({ project: up.project });
    await waitFor(() => readNotes(up));
  }
  on = false;
  await writer;
  // More rows than one page holds.
  const kept = new Set((await query<{ body: string }>(up, "select body from notes")).map(({ body }) => body));
  expect(acknowledged.filter((note) => !kept.has(note))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(kills);
  expect((await up.end()).code).toBe(0);
}, 1_800_000);
