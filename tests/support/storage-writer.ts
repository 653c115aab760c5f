import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { expect } from "vitest";
import { type Up, waitFor } from "../story/stack-kit.ts";
import type { Dice } from "./random.ts";

/** What a name may hold: hashes of bytes, null for nothing. More than one: an answer never came. */
type Held = Set<string | null>;

/** A resumable upload under way. */
interface Going {
  name: string;
  where: string;
  bytes: Buffer;
  /** Bytes that the server has said to have. */
  has: number;
  /** Whether it has been sent to its end: the server may make an object of it then, whenever it is asked. */
  isOffered: boolean;
}

const names = 6;
const verbs = [
  "put",
  "put",
  "put",
  "parts",
  "parts",
  "parts",
  "remove",
  "copy",
  "move",
  "cut",
  "leave",
] as const;
export const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** One client that writes, replaces, moves, copies and deletes files of its own, and knows what it was told. */
export class Writer {
  readonly #held = new Map<string, Held>();
  readonly #roll: Dice;
  readonly #up: () => Up;
  #going: Going | null = null;
  acknowledged = 0;
  /** Uploads that went on where they were. */
  resumed = 0;
  stopped = false;

  constructor(id: number, roll: Dice, up: () => Up) {
    this.#roll = roll;
    this.#up = up;
    for (let n = 0; n < names; n++) this.#held.set(`w${id}/f${n}`, new Set([null]));
  }

  async run(): Promise<void> {
    while (!this.stopped) await this.#step();
  }

  /** Ends what is under way. */
  async finish(): Promise<void> {
    await waitFor(async () => {
      if (this.#going) await this.#goOn(this.#going);
      return !this.#going;
    });
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
    if (this.#going) return this.#goOn(this.#going);
    const one = this.#roll.pick([...this.#held.keys()]);
    const verb = this.#roll.pick(verbs);
    if (verb === "copy" || verb === "move") return this.#carry(verb);
    if (verb === "remove") return this.#remove(one);
    // Now and then more than is written to the disk at once.
    const most = this.#roll.between(1, 8) === 1 ? 2_000_000 : 150_000;
    const bytes = randomBytes(this.#roll.between(1, most));
    if (verb === "put") return this.#put(one, bytes);
    if (verb === "cut") return this.#cut(one, bytes);
    return this.#begin(one, bytes, verb === "leave");
  }

  #put(name: string, bytes: Buffer): Promise<void> {
    return this.#attempt([[name, hash(bytes)]], () =>
      this.#ask("POST", `/object/open/${name}`, bytes, { "x-upsert": "true" }),
    );
  }

  #remove(name: string): Promise<void> {
    return this.#attempt([[name, null]], () =>
      this.#ask("DELETE", "/object/open", JSON.stringify({ prefixes: [name] })),
    );
  }

  // Only where it is certain what is there: a refusal then is a mistake. Where no name is free, one is made so.
  async #carry(verb: "copy" | "move"): Promise<void> {
    const certain = [...this.#held].filter(([, held]) => held.size === 1);
    const [from, bytes] = this.#roll.shuffled(certain).find(([, held]) => !held.has(null)) ?? [];
    const [to] = this.#roll.shuffled(certain).find(([, held]) => held.has(null)) ?? [];
    if (!from || !bytes) return;
    if (!to) return this.#remove(from);
    const body = JSON.stringify({ bucketId: "open", sourceKey: from, destinationKey: to });
    const gone: [string, null][] = verb === "move" ? [[from, null]] : [];
    const after = [...bytes].map((hash): [string, string | null] => [to, hash]);
    await this.#attempt([...after, ...gone], () => this.#ask("POST", `/object/${verb}`, body));
  }

  async #attempt(after: [string, string | null][], work: () => Promise<Response>): Promise<void> {
    for (const [name, now] of after) this.#held.get(name)?.add(now);
    const answer = await this.#heard(work);
    if (answer && answer.status < 500 && !answer.ok)
      throw new Error(`${after.map(([name]) => name)}: ${answer.status}, and nothing speaks against it`);
    if (!answer?.ok) return;
    this.acknowledged += 1;
    for (const [name, now] of after) this.#held.set(name, new Set([now]));
  }

  /** An answer that came whole; null where none did. */
  async #heard(work: () => Promise<Response>): Promise<Response | null> {
    const answer = await work().catch(() => null);
    const whole = await answer?.arrayBuffer().catch(() => null);
    if (answer?.ok && whole) return answer;
    // Nobody asks without end where nobody answers.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return whole ? answer : null;
  }

  /** Dies in the middle of a body, as a process does that is killed: nothing has happened. */
  async #cut(name: string, bytes: Buffer): Promise<void> {
    const { API_URL, SECRET_KEY } = this.#up().env;
    const { hostname, port, host } = new URL(API_URL);
    const head = [
      `POST /storage/v1/object/open/${name} HTTP/1.1`,
      `host: ${host}`,
      `apikey: ${SECRET_KEY}`,
      "x-upsert: true",
      `content-length: ${bytes.length + 1}`,
    ];
    const socket = connect(Number(port), hostname);
    const over = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    socket.write(bytes.subarray(0, this.#roll.between(0, bytes.length)), () => socket.destroy());
    await over;
  }

  /** @param isLeft Whether its client never comes back after the first half. */
  async #begin(name: string, bytes: Buffer, isLeft: boolean): Promise<void> {
    const metadata = `bucketName ${btoa("open")},objectName ${btoa(name)}`;
    const length = { "upload-length": String(bytes.length), "upload-metadata": metadata };
    const made = await this.#heard(() =>
      this.#tus("POST", "/upload/resumable", { ...length, "x-upsert": "true" }),
    );
    if (made?.status !== 201) return;
    const where = (made.headers.get("location") ?? "").replace("/storage/v1", "");
    const going = { name, where, bytes, has: 0, isOffered: false };
    this.#going = going;
    await this.#send(going, Math.floor(bytes.length / 2));
    if (isLeft) this.#going = null;
    else if (going.has > 0) await this.#send(going, bytes.length);
  }

  async #send(going: Going, to: number): Promise<void> {
    const { name, where, bytes, has } = going;
    if (to === bytes.length) going.isOffered = true;
    if (going.isOffered) this.#held.get(name)?.add(hash(bytes));
    const headers = { "content-type": "application/offset+octet-stream", "upload-offset": String(has) };
    this.#tell(going, await this.#heard(() => this.#tus("PATCH", where, headers, bytes.subarray(has, to))));
  }

  /** Asks how far it came. What the server has said to have it has still, and the whole is an object. */
  async #goOn(going: Going): Promise<void> {
    if (going.isOffered) this.#held.get(going.name)?.add(hash(going.bytes));
    const answer = await this.#heard(() => this.#tus("HEAD", going.where));
    if (answer && answer.status < 500 && !answer.ok)
      throw new Error(`upload of ${going.name}: ${answer.status}, and ${going.has} bytes were acknowledged`);
    const before = going.has;
    this.#tell(going, answer);
    if (going.has < before)
      throw new Error(`upload of ${going.name}: ${going.has} bytes, and ${before} were acknowledged`);
    if (!answer?.ok) return;
    this.resumed += 1;
    if (this.#going) await this.#send(going, going.bytes.length);
  }

  /** Takes an offset for what it says: at the end it is the whole. */
  #tell(going: Going, answer: Response | null): void {
    if (!answer?.ok) return;
    going.has = Number(answer.headers.get("upload-offset"));
    if (going.has < going.bytes.length) return;
    this.acknowledged += 1;
    this.#held.set(going.name, new Set([hash(going.bytes)]));
    this.#going = null;
  }

  #tus(method: string, where: string, headers: Record<string, string> = {}, body: Uint8Array | null = null) {
    return this.#ask(method, where, body, { "tus-resumable": "1.0.0", ...headers });
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
