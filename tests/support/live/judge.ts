import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { TrackIt } from "../../../sdk/src/index.ts";
import { waitFor } from "../../story/stack-kit.ts";
import { deviceOf, type Watcher } from "./cast.ts";
import type { Run } from "./run.ts";

/** A cap on a hang, in milliseconds. */
const patience = 90_000;

/** Every watcher shows what a device sees that has just been started, and that is what is in the table. */
export async function expectEqual(run: Run): Promise<void> {
  const fresh = await deviceOf(run.house, run.account, "a fresh device");
  try {
    for (const watcher of run.watchers) await expectSame(watcher, fresh.trackit);
    await expectStored(run, fresh.trackit);
  } finally {
    await fresh.trackit.close();
    await fresh.line.close();
  }
}

async function expectSame(watcher: Watcher, fresh: TrackIt): Promise<void> {
  const { mirror, list } = watcher;
  const wanted = new Map((await list(fresh)).map((row) => [row.id, row]));
  const isSame = (): boolean => isDeepStrictEqual(mirror.rows, wanted);
  await waitFor(isSame, patience).catch(() => {});
  const versions = (rows: Iterable<{ id: string; version: number }>): string[] =>
    [...rows].map(({ id, version }) => `${id} at ${version}`).sort();
  expect(versions(mirror.rows.values()), condition(watcher)).toEqual(versions(wanted.values()));
  expect(mirror.rows, condition(watcher)).toEqual(wanted);
}

/** How a watcher is, for whoever looks for the reason of a failure. */
export function condition({ name, line, trackit, mirror, ended }: Watcher): string {
  const channels = trackit.supabase.getChannels().map(({ topic, state }) => `${topic} ${state}`);
  const { state } = trackit.connection;
  return JSON.stringify({ name, state, channels, line: line.counts, told: mirror.counts, ended });
}

/** What the fresh device reads is compared with the table by service rights: no row is hidden from both. */
async function expectStored({ house, account }: Run, { tasks, goals }: TrackIt): Promise<void> {
  for (const [table, rows] of [
    ["tasks", await tasks.list().toArray()],
    ["goals", await goals.list().toArray()],
  ] as const) {
    const stored = await house.rows<{ id: string; version: number; title: string }>(
      `select id, version, title from public.${table} where owner_id = '${account.id}' and deleted_at is null order by id`,
    );
    const seen = rows.map(({ id, version, title }) => ({ id, version, title }));
    expect(seen.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(stored);
  }
}

/** Nothing was told twice, or out of order; no watch has given up, nor the stack. */
export function expectSense({ watchers, house }: Run): void {
  expect(house.fallen).toBeNull();
  const wanted = watchers.map(({ name }) => ({ name, nonsense: [], ended: [] }));
  expect(watchers.map(({ name, mirror, ended }) => ({ name, nonsense: mirror.nonsense, ended }))).toEqual(
    wanted,
  );
}
