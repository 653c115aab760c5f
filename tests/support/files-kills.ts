import { expect } from "vitest";
import { isAlive, makeFolder, query, startUp, type Up, waitFor } from "../story/stack-kit.ts";
import { type Death, deaths, filing, Reaper, storing } from "./deaths.ts";
import { PASSWORD, Sender } from "./files-senders.ts";
import { freePort } from "./free-port.ts";
import { type Dice, dice } from "./random.ts";
import { root } from "./stack.ts";
import { bereft, orphans, storedFiles } from "./storage-kills.ts";

/**
 * Kills the stack, its Postgres, or the app of ada or ben, again and again while these two send files, replace, cancel
 * and erase them. Each that was acknowledged can be read; what an account is said to use is what is reserved for it, and
 * in the end what lies there, to the byte; and nothing else is left.
 */
export async function killWhileSending(kills: number, seed: number): Promise<void> {
  const began = performance.now();
  const roll = dice(seed);
  const world = await World.start(roll, seed);
  // Objects of this bucket are not moved or copied, and their names are not replaced.
  const steps = storing.filter((step) => !/linked|moved|name locked|folder/.test(step));
  const planned = deaths(roll, kills, [...steps, ...filing]);
  let clients = 0;
  for (const death of planned) {
    const isClient = death.at === null && roll.between(1, 2) === 1;
    if (isClient) clients += 1;
    await world.suffer(isClient ? null : death);
  }
  const left = await world.expectNothingLeft();
  expect(world.acknowledged).toBeGreaterThan(kills);
  const { acknowledged, resumed } = world;
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(JSON.stringify({ seed, kills, clients, acknowledged, resumed, ...left, seconds }));
}

class World {
  readonly #roll: Dice;
  readonly #start: () => Promise<Up>;
  readonly #reaper: Reaper;
  readonly #senders: Sender[];
  #up: Up;

  static async start(roll: Dice, seed: number): Promise<World> {
    const reaper = new Reaper(makeFolder("death"));
    const data = makeFolder("stack");
    // Apps find it where it was before.
    const words = ["--no-web", "--no-seed", "--port", String(await freePort())];
    const start = (): Promise<Up> => startUp({ project: root, data, words, ...reaper.options });
    const up = await start();
    const folder = makeFolder("senders");
    const senders = ["ada", "ben"].map((name, at) => new Sender(name, folder, dice(seed + at + 1)));
    for (const { email } of senders) await register(up, email);
    for (const sender of senders) await sender.start(up);
    return new World(roll, start, reaper, senders, up);
  }

  private constructor(roll: Dice, start: () => Promise<Up>, reaper: Reaper, senders: Sender[], up: Up) {
    this.#roll = roll;
    this.#start = start;
    this.#reaper = reaper;
    this.#senders = senders;
    this.#up = up;
  }

  get acknowledged(): number {
    return this.#senders.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  get resumed(): number {
    return this.#senders.reduce((sum, { resumed }) => sum + resumed, 0);
  }

  /** @param death Null: of an app */
  async suffer(death: Death | null): Promise<void> {
    for (const sender of this.#senders) sender.send();
    const enough = this.acknowledged + this.#roll.between(1, 6);
    await waitFor(() => this.acknowledged >= enough);
    const killed = death ? null : await this.#killApp();
    if (death) await this.#strike(death);
    if (death?.victim === "stack") await this.#startAgain();
    for (const sender of this.#senders) if (sender !== killed) await sender.stop();
    await killed?.start(this.#up);
    for (const sender of this.#senders) await sender.verify();
    await expectExact(this.#up);
    expect(await bereft(this.#up)).toEqual([]);
  }

  async #strike(death: Death): Promise<void> {
    // The worker comes every ten seconds; called, it is there at once.
    const isWorkers = death.at?.includes("worker");
    const striking = this.#reaper.strike(isWorkers ? { ...death, count: 1 } : death, this.#up);
    if (isWorkers) await query(this.#up, "select private.call_worker()").catch(() => {});
    await striking;
  }

  /** In the middle of something, wherever that is. */
  async #killApp(): Promise<Sender> {
    const sender = this.#roll.pick(this.#senders);
    const enough = sender.heard + this.#roll.between(0, 5);
    await waitFor(() => sender.heard >= enough && sender.isBusy);
    await sender.kill();
    return sender;
  }

  async #startAgain(): Promise<void> {
    const { pid } = this.#up;
    await waitFor(() => !isAlive(pid));
    this.#up = await this.#start();
    await waitFor(async () => (await orphans(this.#up)).length === 0);
  }

  /** @returns bytes that each account uses in the end */
  async expectNothingLeft(): Promise<{ used: number[] }> {
    const [ada, ben] = this.#senders as [Sender, Sender];
    // What ben has reserved, and never comes back to, ends by time.
    await ben.reserve();
    await ben.kill();
    await expectExact(this.#up);
    await expire(this.#up);
    await ben.start(this.#up);
    const used = [await ada.settle(), await ben.settle()];
    await waitFor(async () => (await strays(this.#up)).length === 0, 300_000);
    await age(this.#up);
    expect((await this.#up.end()).code).toBe(0);
    await this.#startAgain();
    for (const sender of this.#senders) await sender.verify(true);
    await expectExact(this.#up);
    expect(await lying(this.#up, [ada.email, ben.email])).toEqual(used);
    const rows = await query(this.#up, "select from storage.objects");
    expect(storedFiles(this.#up).size).toBe(rows.length);
    for (const sender of this.#senders) await sender.kill();
    expect((await this.#up.end()).code).toBe(0);
    return { used };
  }
}

async function register({ env }: Up, email: string): Promise<void> {
  const username = email.replace(/@.*/, "");
  const made = await fetch(`${env.API_URL}/auth/v1/admin/users`, {
    method: "POST",
    headers: {
      apikey: env.SECRET_KEY,
      authorization: `Bearer ${env.SECRET_KEY}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ email, password: PASSWORD, email_confirm: true, user_metadata: { username } }),
  });
  if (!made.ok) throw new Error(`making ${email}: ${made.status} ${await made.text()}`);
}

/** What an account is said to hold is what its versions come to, and each that is ready has its object. */
async function expectExact(up: Up): Promise<void> {
  const held = await waitFor(() =>
    query<{ held: number; counted: number }>(
      up,
      `select h.held::float8 as held, coalesce(sum(v.size), 0)::float8 as counted
       from private.holdings h left join public.file_versions v on v.owner_id = h.owner_id
       where h.kind = 'bytes' group by h.owner_id, h.held`,
    ),
  );
  expect(held.map((one) => one.held)).toEqual(held.map(({ counted }) => counted));
  const missing = await query<{ path: string }>(
    up,
    `select v.path from public.file_versions v where v.state = 'ready' and not exists (
       select from storage.objects o
       where o.bucket_id = 'files' and o.name = v.path and (o.metadata ->> 'size')::bigint = v.size)`,
  );
  expect(missing).toEqual([]);
}

/** The day is over on which reservations are kept. */
const expire = (up: Up) =>
  query(
    up,
    `update public.file_versions set expires_at = now() - interval '1 minute' where state = 'reserved';
     select private.sweep_files()`,
  );

/** The day is over on which Storage keeps what came of an upload. */
const age = (up: Up) =>
  query(
    up,
    `set role supabase_storage_admin;
     update storage.s3_multipart_uploads set created_at = created_at - interval '25 hours'`,
  );

/** Objects that no version of a file names. */
const strays = (up: Up) =>
  query(
    up,
    `select name from storage.objects o where bucket_id = 'files'
       and not exists (select from public.file_versions v where v.path = o.name)`,
  );

/** Bytes on the disk of each account. */
async function lying(up: Up, emails: string[]): Promise<number[]> {
  const rows = await query<{ email: string; version: string }>(
    up,
    `select u.email, o.version from storage.objects o join auth.users u on o.name like u.id || '/%'`,
  );
  const files = storedFiles(up);
  return emails.map((email) =>
    rows
      .filter((row) => row.email === email)
      .reduce((sum, { version }) => sum + (files.get(version) ?? Number.NaN), 0),
  );
}
