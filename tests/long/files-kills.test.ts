/** The stack is killed while encrypted files are sent: what was acknowledged can be read, and nothing else is kept or counted. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { uuid7 } from "../../sdk/src/ids/uuid7.ts";
import { createTrackIt, type TrackIt } from "../../sdk/src/index.ts";
import { real } from "../../sdk/src/retry/around.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import {
  cleanUp,
  isAlive,
  makeFolder,
  postmaster,
  query,
  startUp,
  type Up,
  waitFor,
} from "../story/stack-kit.ts";
import { type Dice, dice, seed } from "../support/random.ts";
import { root } from "../support/stack.ts";
import { orphans } from "../support/storage-kills.ts";

/** 10 in CI; 200 by command: TRACKIT_KILLS=200 npx vitest run --project long tests/long/files-kills.test.ts */
const kills = Number(process.env.TRACKIT_KILLS ?? 10);
const password = "correct horse 1";
const { wait } = real;
afterAll(() => {
  real.wait = wait;
  cleanUp();
});

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Somebody who sends one file after the other, and sends one again under its id when the server was away. */
class Sender {
  readonly #email: string;
  readonly #roll: Dice;
  readonly #keystore = memoryKeystore("sender");
  readonly acknowledged = new Map<string, string>();
  #trackit: TrackIt | null = null;
  #pending: { id: string; content: Buffer } | null = null;
  stopped = true;

  constructor(email: string, roll: Dice) {
    this.#email = email;
    this.#roll = roll;
  }

  get trackit(): TrackIt {
    if (!this.#trackit) throw new Error("nobody is there yet");
    return this.#trackit;
  }

  /** The app's next start, with the keys that it has kept. */
  async start({ env }: Up): Promise<void> {
    await this.#trackit?.close().catch(() => {});
    const chat = { keystore: this.#keystore };
    this.#trackit = createTrackIt({ url: env.API_URL, key: env.PUBLISHABLE_KEY, chat });
    await waitFor(async () => {
      await this.trackit.auth.signIn({ email: this.#email, password });
      return this.trackit.devices.me();
    });
  }

  async run(): Promise<void> {
    while (!this.stopped) await this.step();
  }

  async step(): Promise<void> {
    const size = this.#roll.between(1, 8) === 1 ? 7_000_000 : this.#roll.between(0, 200_000);
    this.#pending ??= { id: uuid7(), content: randomBytes(size) };
    const { id, content } = this.#pending;
    const ending = new AbortController();
    const over = setInterval(() => this.stopped && ending.abort(), 20);
    const lines = new AbortController();
    try {
      // Given up by one in six, which frees its space; otherwise a kill cuts it off.
      const isGivenUp = this.#roll.between(1, 6) === 1;
      const upload = this.trackit.files.upload(content, { name: `${id}.bin`, id, signal: lines.signal });
      if (isGivenUp) lines.abort();
      const cut = new Promise<null>((resolve) =>
        ending.signal.addEventListener("abort", () => resolve(null), { once: true }),
      );
      upload.catch(() => {});
      const done = await Promise.race([upload, cut]);
      if (done) this.acknowledged.set(id, hash(content));
      if (done) this.#pending = null;
    } catch {
      if (lines.signal.aborted) this.#pending = null;
      // Nobody asks without end where nobody answers.
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      clearInterval(over);
    }
  }

  /** What is still on its way comes through. */
  async finish(): Promise<void> {
    const pending = this.#pending;
    this.#pending = null;
    if (!pending) return;
    const { id, content } = pending;
    await waitFor(() => this.trackit.files.upload(content, { name: `${id}.bin`, id }));
    this.acknowledged.set(id, hash(content));
  }

  async verify(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const blob = await waitFor(() => this.trackit.files.download(id));
      expect([id, hash(new Uint8Array(await blob.arrayBuffer()))]).toEqual([id, this.acknowledged.get(id)]);
    }
  }
}

async function makeSender({ env }: Up, name: string, roll: Dice): Promise<Sender> {
  const email = `${name}@example.com`;
  const made = await fetch(`${env.API_URL}/auth/v1/admin/users`, {
    method: "POST",
    headers: {
      apikey: env.SECRET_KEY,
      authorization: `Bearer ${env.SECRET_KEY}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ email, password, email_confirm: true, user_metadata: { username: name } }),
  });
  if (!made.ok) throw new Error(`making ${name}: ${made.status} ${await made.text()}`);
  return new Sender(email, roll);
}

async function victim(up: Up, roll: Dice): Promise<number> {
  if (roll.between(1, 10) <= 7) return up.pid;
  const backends = await waitFor(() =>
    query<{ pid: number }>(up, "select pid from pg_stat_activity where pid <> pg_backend_pid() order by pid"),
  );
  return roll.pick([postmaster(up), ...backends.map(({ pid }) => pid)]);
}

/** Objects that no version of a file names. */
const strays = (up: Up) =>
  query(
    up,
    `select name from storage.objects o where bucket_id = 'files'
       and not exists (select from public.file_versions v where v.path = o.name)`,
  );

it(`${kills} kills while files are sent: each that was acknowledged can be read, quotas are exact, nothing is left over (seed ${seed})`, async () => {
  real.wait = (ms, signal) => wait(ms / 10, signal);
  const roll = dice(seed);
  const start = () => startUp({ project: root, data, words: ["--no-web", "--no-seed"] });
  const data = makeFolder("stack");
  let up = await start();
  const senders = [await makeSender(up, "ada", dice(seed + 1)), await makeSender(up, "ben", dice(seed + 2))];
  for (const sender of senders) await sender.start(up);
  const told = () => senders.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  for (let n = 0; n < kills; n++) {
    for (const sender of senders) sender.stopped = false;
    const running = senders.map((sender) => sender.run());
    const enough = told() + roll.between(1, 6);
    await waitFor(() => told() >= enough);
    const pid = await victim(up, roll);
    process.kill(pid, "SIGKILL");
    for (const sender of senders) sender.stopped = true;
    await waitFor(() => !isAlive(pid));
    if (pid === up.pid) up = await start();
    await Promise.all(running);
    for (const sender of senders) {
      await sender.start(up);
      await sender.verify([...sender.acknowledged.keys()].slice(-5));
    }
  }
  for (const sender of senders) {
    await sender.finish();
    await sender.verify([...sender.acknowledged.keys()]);
    for (const { uploadId } of await sender.trackit.files.uploads())
      await sender.trackit.files.cancel(uploadId);
    const kept = await sender.trackit.files.list().toArray();
    expect(kept.map(({ id }) => id)).toEqual(expect.arrayContaining([...sender.acknowledged.keys()]));
    const used = (await sender.trackit.limits.list()).find(({ kind }) => kind === "bytes")?.used;
    expect(used).toBe(kept.reduce((sum, { storedSize }) => sum + storedSize, 0));
    await sender.trackit.close();
  }
  expect(told()).toBeGreaterThan(kills);
  await waitFor(async () => (await strays(up)).length === 0);
  await waitFor(async () => (await orphans(up)).length === 0);
  expect((await up.end()).code).toBe(0);
}, 1_800_000);
