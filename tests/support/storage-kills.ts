import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { killFound, postmaster, query, startUp, type Up, waitFor } from "../story/stack-kit.ts";
import { type Dice, dice } from "./random.ts";

/** What a name may hold: hashes of bytes, null for nothing. More than one: an answer never came. */
type Held = Set<string | null>;

const names = 6;
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** One client that writes, replaces, moves, copies and deletes files of its own, and knows what it was told. */
class Writer {
  readonly #held = new Map<string, Held>();
  readonly #roll: Dice;
  readonly #up: () => Up;
  acknowledged = 0;
  stopped = false;

  constructor(id: number, roll: Dice, up: () => Up) {
    this.#roll = roll;
    this.#up = up;
    for (let n = 0; n < names; n++) this.#held.set(`w${id}/f${n}`, new Set([null]));
  }

  async run(): Promise<void> {
    while (!this.stopped) await this.#step();
  }

  /** What is there is what was acknowledged, or what an unanswered call would have made of it. */
  async verify(): Promise<void> {
    for (const [name, held] of this.#held) {
      const found = await waitFor(async () => ({ hash: await this.#read(name) }));
      expect([...held], `${name} holds something else`).toContain(found.hash);
      this.#held.set(name, new Set([found.hash]));
    }
  }

  async #read(name: string): Promise<string | null> {
    const answer = await this.#ask("GET", `/object/open/${name}`);
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 200) return hash(body);
    const { statusCode } = JSON.parse(body.toString("utf8")) as { statusCode: string };
    if (statusCode !== "404") throw new Error(`${name}: ${statusCode}`);
    return null;
  }

  async #step(): Promise<void> {
    const [one, two] = this.#roll.shuffled([...this.#held.keys()]) as [string, string];
    const verb = this.#roll.pick(["put", "put", "part", "part", "remove", "copy", "move"] as const);
    if (verb === "copy" || verb === "move") return this.#carry(verb, one, two);
    const bytes = verb === "remove" ? null : randomBytes(this.#roll.between(1, 150_000));
    await this.#attempt([[one, bytes && hash(bytes)]], async () => {
      if (bytes === null) return this.#ask("DELETE", "/object/open", JSON.stringify({ prefixes: [one] }));
      if (verb === "part") return this.#inParts(one, bytes);
      return this.#ask("POST", `/object/open/${one}`, bytes, { "x-upsert": "true" });
    });
  }

  // Only where it is certain what is there: a refusal then is a mistake.
  async #carry(verb: "copy" | "move", from: string, to: string): Promise<void> {
    const [source, target] = [this.#held.get(from), this.#held.get(to)];
    if (source?.size !== 1 || target?.size !== 1) return;
    const [bytes] = source;
    if (!bytes || !target.has(null)) return;
    const body = JSON.stringify({ bucketId: "open", sourceKey: from, destinationKey: to });
    const after: [string, string | null][] =
      verb === "move"
        ? [
            [to, bytes],
            [from, null],
          ]
        : [[to, bytes]];
    await this.#attempt(after, () => this.#ask("POST", `/object/${verb}`, body));
  }

  async #attempt(after: [string, string | null][], work: () => Promise<Response>): Promise<void> {
    for (const [name, now] of after) this.#held.get(name)?.add(now);
    const answer = await work().catch(() => null);
    await answer?.arrayBuffer().catch(() => {});
    if (!answer?.ok) {
      // Do not ask without end where nobody answers.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return;
    }
    this.acknowledged += 1;
    for (const [name, now] of after) this.#held.set(name, new Set([now]));
  }

  async #inParts(name: string, bytes: Buffer): Promise<Response> {
    const metadata = `bucketName ${btoa("open")},objectName ${btoa(name)}`;
    const tus = { "tus-resumable": "1.0.0", "x-upsert": "true" };
    const length = { "upload-length": String(bytes.length), "upload-metadata": metadata };
    const made = await this.#ask("POST", "/upload/resumable", null, { ...tus, ...length });
    const where = (made.headers.get("location") ?? "").replace("/storage/v1", "");
    if (made.status !== 201) return made;
    const middle = Math.floor(bytes.length / 2);
    const type = "application/offset+octet-stream";
    const send = (from: number, to: number) =>
      this.#ask("PATCH", where, bytes.subarray(from, to), {
        ...tus,
        "content-type": type,
        "upload-offset": String(from),
      });
    const first = await send(0, middle);
    return first.status === 204 ? send(middle, bytes.length) : first;
  }

  #ask(
    method: string,
    where: string,
    body: string | Uint8Array | null = null,
    headers: Record<string, string> = {},
  ) {
    const { API_URL, SECRET_KEY } = this.#up().env;
    return fetch(`${API_URL}/storage/v1${where}`, {
      method,
      body: body as BodyInit | null,
      headers: { apikey: SECRET_KEY, ...headers },
    });
  }
}

/**
 * Kills the stack, its Postgres or a part of that again and again while three clients write.
 * No acknowledged file is unreadable or another one; afterwards no file lies there that no row names.
 */
export async function killWhileWriting(project: string, kills: number, seed: number): Promise<void> {
  const roll = dice(seed);
  let up = await startUp({ project });
  const writers = [1, 2, 3].map((id) => new Writer(id, dice(seed + id), () => up));
  const told = () => writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  for (let n = 0; n < kills; n++) {
    for (const writer of writers) writer.stopped = false;
    const running = writers.map((writer) => writer.run());
    const enough = told() + roll.between(3, 30);
    await waitFor(() => told() >= enough);
    const [kind] = await killFound(
      () => victim(up, roll),
      ([, pid]) => pid,
    );
    for (const writer of writers) writer.stopped = true;
    if (kind === "stack") up = await startUp({ project });
    await Promise.all(running);
    for (const writer of writers) await writer.verify();
  }
  expect(told()).toBeGreaterThan(kills);
  await waitFor(async () => (await orphans(up)).length === 0);
  expect((await up.end()).code).toBe(0);
}

async function victim(up: Up, roll: Dice): Promise<[string, number]> {
  if (roll.between(1, 10) <= 7) return ["stack", up.pid];
  const backends = await waitFor(() =>
    query<{ pid: number }>(up, "select pid from pg_stat_activity where pid <> pg_backend_pid() order by pid"),
  );
  return roll.pick([
    ["postmaster", postmaster(up)],
    ...backends.map(({ pid }): [string, number] => ["backend", pid]),
  ]);
}

/** Files of a stack that no row names; it sweeps at each start. */
export async function orphans(up: Pick<Up, "env" | "data">): Promise<string[]> {
  const folder = path.join(up.data, "storage", "objects");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  const rows = await query<{ version: string }>(
    up,
    "select version from storage.objects union all select version from storage.s3_multipart_uploads",
  );
  const named = new Set(rows.map(({ version }) => version));
  return files.filter((name) => !named.has(name));
}
