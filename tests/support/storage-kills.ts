import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { isAlive, makeFolder, query, startUp, type Up, waitFor } from "../story/stack-kit.ts";
import { type Death, deaths, Reaper, storing, sweeping } from "./deaths.ts";
import { type Dice, dice } from "./random.ts";
import { Writer } from "./storage-writer.ts";

/**
 * Kills the stack, its Postgres or a part of that again and again while three clients write: at any moment, and at each
 * step of taking bytes in and of sweeping. No acknowledged file is unreadable or another one, no row is without its
 * bytes, and afterwards no file lies there that no row names.
 */
export async function killWhileWriting(project: string, kills: number, seed: number): Promise<void> {
  const began = performance.now();
  const roll = dice(seed);
  const world = await World.start(project, roll, seed);
  const planned = deaths(roll, kills, [...storing, ...sweeping.map((step) => `sweep: ${step}`)]);
  for (const death of planned) await world.suffer(death);
  await world.expectNothingLeft();
  expect(world.acknowledged).toBeGreaterThan(kills);
  const seconds = Math.round((performance.now() - began) / 1000);
  const steps = new Set(planned.map(({ at }) => at)).size - 1;
  const { acknowledged, resumed } = world;
  console.log(JSON.stringify({ seed, kills, steps, acknowledged, resumed, seconds }));
}

class World {
  readonly #project: string;
  readonly #roll: Dice;
  readonly #reaper: Reaper;
  readonly #writers: Writer[];
  #up: Up;

  static async start(project: string, roll: Dice, seed: number): Promise<World> {
    const reaper = new Reaper(makeFolder("death"));
    return new World(project, roll, seed, reaper, await startUp({ project, ...reaper.options }));
  }

  private constructor(project: string, roll: Dice, seed: number, reaper: Reaper, up: Up) {
    this.#project = project;
    this.#roll = roll;
    this.#reaper = reaper;
    this.#up = up;
    this.#writers = [1, 2, 3].map((id) => new Writer(id, dice(seed + id), () => this.#up));
  }

  get acknowledged(): number {
    return this.#writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  get resumed(): number {
    return this.#writers.reduce((sum, { resumed }) => sum + resumed, 0);
  }

  async suffer(death: Death): Promise<void> {
    if (death.at?.startsWith("sweep: ")) await this.#dieSweeping({ ...death, at: death.at.slice(7) });
    else await this.#dieWriting(death);
    for (const writer of this.#writers) await writer.verify();
    expect(await bereft(this.#up)).toEqual([]);
  }

  async #dieWriting(death: Death): Promise<void> {
    for (const writer of this.#writers) writer.stopped = false;
    const running = Promise.all(this.#writers.map((writer) => writer.run()));
    // Heard below.
    running.catch(() => {});
    const enough = this.acknowledged + this.#roll.between(3, 30);
    await Promise.race([waitFor(() => this.acknowledged >= enough), running]);
    await Promise.race([this.#reaper.strike(death, this.#up), running]);
    for (const writer of this.#writers) writer.stopped = true;
    if (death.victim === "stack") await this.#startAgain();
    await running;
  }

  async #startAgain(): Promise<void> {
    const { pid } = this.#up;
    await waitFor(() => !isAlive(pid));
    this.#up = await startUp({ project: this.#project, ...this.#reaper.options });
    await waitFor(async () => (await orphans(this.#up)).length === 0);
  }

  /** A stack that finds something to sweep is killed while it does. */
  async #dieSweeping(death: Death): Promise<void> {
    await this.#up.end();
    for (let n = 0; n < 5; n++) leaveBehind(this.#up);
    // Some steps are taken once in a sweep.
    this.#reaper.arm({ ...death, count: 1, victim: "stack" }, this.#up.data);
    const up = await startUp({ project: this.#project, ...this.#reaper.options }).catch(() => null);
    await waitFor(() => this.#reaper.isDone && !(up && isAlive(up.pid))).catch((cause: unknown) => {
      throw new Error(`killing a sweep ${death.at}: it was not reached`, { cause });
    });
    await this.#startAgain();
  }

  /** Once uploads that nobody has ended are a day old and the next sweep has run, there are objects and nothing else. */
  async expectNothingLeft(): Promise<void> {
    for (const writer of this.#writers) await writer.finish();
    await query(
      this.#up,
      `set role supabase_storage_admin;
       update storage.s3_multipart_uploads set created_at = created_at - interval '25 hours'`,
    );
    expect((await this.#up.end()).code).toBe(0);
    await this.#startAgain();
    await waitFor(async () => (await uploads(this.#up)) === 0);
    await waitFor(async () => (await orphans(this.#up)).length === 0);
    expect(await bereft(this.#up)).toEqual([]);
    const rows = await query<{ n: number }>(this.#up, "select count(*)::integer as n from storage.objects");
    expect(storedFiles(this.#up).size).toBe(rows[0]?.n);
    for (const writer of this.#writers) await writer.verify();
    expect((await this.#up.end()).code).toBe(0);
  }
}

const uploads = async (up: Pick<Up, "env">): Promise<number | undefined> =>
  (await query<{ n: number }>(up, "select count(*)::integer as n from storage.s3_multipart_uploads"))[0]?.n;

/** Whatever lies in a stack's storage: sizes by name. */
export function storedFiles({ data }: Pick<Up, "data">): Map<string, number> {
  const folder = path.join(data, "storage");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(files.map(({ name, parentPath }) => [name, statSync(path.join(parentPath, name)).size]));
}

/** A file as a crash leaves it, before any row. */
function leaveBehind({ data }: Pick<Up, "data">): void {
  const version = randomUUID();
  const shard = path.join(data, "storage", "objects", version.slice(0, 2));
  mkdirSync(shard, { recursive: true });
  writeFileSync(path.join(shard, version), "left behind");
}

/** Files of a stack that no row names; it sweeps at each start. */
export async function orphans(up: Pick<Up, "env" | "data">): Promise<string[]> {
  const files = [...storedFiles(up).keys()];
  const rows = await query<{ version: string }>(
    up,
    "select version from storage.objects union all select version from storage.s3_multipart_uploads",
  );
  const named = new Set(rows.map(({ version }) => version));
  return files.filter((name) => !named.has(name));
}

/** Objects whose bytes are not there, or not as many as their row says. */
export async function bereft(up: Pick<Up, "env" | "data">): Promise<string[]> {
  const rows = await waitFor(() =>
    query<{ name: string; version: string; size: number }>(
      up,
      "select name, version, (metadata ->> 'size')::float8 as size from storage.objects",
    ),
  );
  const files = storedFiles(up);
  return rows.filter(({ version, size }) => files.get(version) !== size).map(({ name }) => name);
}
