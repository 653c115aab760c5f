import { expect } from "vitest";
import type { TrackIt } from "../../sdk/src/index.ts";
import { memoryDatabase } from "../../sdk/src/store/memory-store.ts";
import type { KeyValue, Store } from "../../sdk/src/store/types.ts";
import type { SdkKit } from "../story/sdk-kit.ts";
import type { CuttingProxy, Line } from "./cutting-proxy.ts";
import { type Dice, dice } from "./random.ts";

/** A device: what it keeps outlives the clients that are made on it. */
export class KeepingDevice {
  readonly #kit: SdkKit;
  readonly #url: () => string;
  readonly #stores = new Map<string, Store>();
  readonly #session = new Map<string, string>();

  constructor(kit: SdkKit, url: () => string) {
    this.#kit = kit;
    this.#url = url;
  }

  start(send?: typeof fetch): TrackIt {
    const device: KeyValue = {
      get: (key) => this.#session.get(key) ?? null,
      set: (key, value) => void this.#session.set(key, value),
      remove: (key) => void this.#session.delete(key),
    };
    const storage = (name: string): Store => {
      const store = this.#stores.get(name) ?? memoryDatabase();
      this.#stores.set(name, store);
      return store;
    };
    return this.#kit.trackit({ url: this.#url(), storage: { device }, offline: { storage }, fetch: send });
  }
}

export interface Cutting {
  kit: SdkKit;
  proxy: CuttingProxy;
  device: KeepingDevice;
  /** The device's first client, somebody signed in to it. */
  first: TrackIt;
  /** Ten rows get so many writes between them, a multiple of ten. */
  writes: number;
  /** At most one in ten writes. */
  cuts: number;
  /** How often the app is started anew on the device. */
  restarts: number;
  seed: number;
}

const lanes = 10;

/** Writes ten rows again and again while the line is cut, and expects each write to have happened once and in order. */
export async function expectWritesThroughCuts(cutting: Cutting): Promise<void> {
  const { kit, proxy, device, writes, cuts, restarts, seed } = cutting;
  const random = dice(seed);
  const rounds = writes / lanes;
  const cutIn = roundsOfCuts(random, cuts, rounds);
  const restartAfter = new Set(
    Array.from({ length: restarts }, (_, at) => Math.floor(((at + 1) * rounds) / (restarts + 1))),
  );
  let trackit = cutting.first;
  const ids: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const line = cutIn.get(round);
    if (line) {
      await heal(trackit, proxy);
      proxy.after(Math.floor(random() * lanes), line);
    }
    await Promise.all([...Array(lanes).keys()].map((lane) => write(trackit, ids, lane, round)));
    if (restartAfter.has(round)) {
      await trackit.close();
      trackit = device.start();
      await heal(trackit, proxy);
      await trackit.tasks.list().toArray();
    }
    if (random() < 0.3) await trackit.outbox.flush();
  }
  await heal(trackit, proxy);
  expect(proxy.cuts).toBe(cuts);
  await expectWritten(kit, ids, rounds);
}

async function write(trackit: TrackIt, ids: string[], lane: number, round: number): Promise<void> {
  const title = `${lane}-${round}`;
  if (round === 0) ids[lane] = (await trackit.tasks.create({ title })).id;
  else expect((await trackit.tasks.update(ids[lane] ?? "", { title })).title).toBe(title);
}

async function heal(trackit: TrackIt, proxy: CuttingProxy): Promise<void> {
  proxy.set("open");
  await expect
    .poll(() => trackit.outbox.flush(), { timeout: 90_000 })
    .toMatchObject({ pending: 0, failed: 0 });
}

async function expectWritten({ sql }: SdkKit, ids: string[], rounds: number): Promise<void> {
  const rows = await sql<{ id: string; title: string; version: number }[]>`
    select id, title, version from public.tasks where id = any(${ids})`;
  const told = await sql<{ entity_id: string; count: number }[]>`
    select entity_id, count(*)::int as count from public.activities where entity_id = any(${ids}) group by 1`;
  for (const [lane, id] of ids.entries()) {
    expect(rows.find((row) => row.id === id)).toMatchObject({
      title: `${lane}-${rounds - 1}`,
      version: rounds,
    });
    expect(told.find((row) => row.entity_id === id)?.count).toBe(rounds);
  }
  const all = await sql`select 1 from public.tasks where title ~ '^[0-9]+-[0-9]+$'`;
  expect(all).toHaveLength(lanes);
}

/** In which rounds the line is cut, and how. */
function roundsOfCuts(random: Dice, count: number, rounds: number): Map<number, Line> {
  const chosen = random.shuffled([...Array(rounds).keys()]).slice(0, count);
  return new Map(chosen.map((round) => [round, random() < 0.5 ? "down" : "deaf"]));
}
