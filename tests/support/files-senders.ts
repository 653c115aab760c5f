import { type ChildProcess, spawn } from "node:child_process";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { type Up, waitFor } from "../story/stack-kit.ts";
import type { Dice } from "./random.ts";

/** What a sender is started with. */
export interface Start {
  /** Its keystore's file, and that one's key in hex. */
  keys: string;
  secret: string;
  url: string;
  key: string;
  email: string;
  password: string;
  seed: number;
  /** What it offered before, by file. */
  offers: [id: string, content: string][];
  /** Files that it may replace or erase. */
  owned: string[];
}

/** What a sender is asked to do. */
export type Wish = { do: "send" | "stop" | "settle" | "reserve" } | { do: "read"; ids: string[] };

/** What a sender tells. A content is named by a text; null: it is erased. */
export type Told =
  | { kind: "started" | "stopped" | "reserved" | "moved" }
  | { kind: "offered" | "acknowledged"; id: string; content: string | null }
  | { kind: "resumed"; id: string }
  | { kind: "read"; id: string; hash: string | null }
  | { kind: "settled"; used: number }
  | { kind: "failed"; message: string };

/** The bytes of a content, "<size> …": the same for the same text. */
export function contentOf(content: string): Uint8Array<ArrayBuffer> {
  const seed = createHash("sha256").update(content).digest();
  const cipher = createCipheriv("aes-256-ctr", seed, seed.subarray(0, 16));
  return new Uint8Array(cipher.update(Buffer.alloc(Number.parseInt(content, 10))));
}

const hashOf = (content: string | null): string | null =>
  content === null ? null : createHash("sha256").update(contentOf(content)).digest("hex");

const file = path.join(import.meta.dirname, "files-sender.ts");
export const PASSWORD = "correct horse 1";

/** Somebody who sends files, by a process that can be killed; and what of that was acknowledged. */
export class Sender {
  readonly email: string;
  readonly #folder: string;
  readonly #roll: Dice;
  readonly #secret = randomBytes(32).toString("hex");
  /** By file: the contents that it may have; one, where that is certain. */
  readonly #held = new Map<string, Set<string | null>>();
  readonly #offers = new Map<string, string>();
  /** Touched since the last look. */
  readonly #touched = new Set<string>();
  #process: ChildProcess | null = null;
  #told: Told[] = [];
  #heard = 0;
  #isBusy = false;
  acknowledged = 0;
  resumed = 0;

  constructor(name: string, folder: string, roll: Dice) {
    this.email = `${name}@example.com`;
    this.#folder = folder;
    this.#roll = roll;
  }

  /** What has been heard of it so far, progress too. */
  get heard(): number {
    return this.#heard;
  }

  /** Whether it has begun something that it has not heard the end of. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Its app's next start, with the keys that it has kept. */
  async start({ env }: Pick<Up, "env">): Promise<void> {
    const given: Start = {
      keys: path.join(this.#folder, this.email, "keys"),
      secret: this.#secret,
      url: env.API_URL,
      key: env.PUBLISHABLE_KEY,
      email: this.email,
      password: PASSWORD,
      seed: this.#roll.between(0, 2 ** 31),
      offers: [...this.#offers],
      owned: [...this.#held.keys()],
    };
    const child = spawn(process.execPath, ["--import", "tsx", file, JSON.stringify(given)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    // It may be killed while it is being told something.
    child.stdin?.on("error", () => {});
    createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on("line", (line) =>
      this.#hear(JSON.parse(line) as Told),
    );
    this.#process = child;
    await this.#awaited("started");
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const over = once(child, "close");
    child.kill("SIGKILL");
    await over;
    this.#process = null;
  }

  send(): void {
    this.#wish({ do: "send" });
  }

  /** Ends what it is doing. */
  async stop(): Promise<void> {
    this.#wish({ do: "stop" });
    await this.#awaited("stopped");
  }

  /** Takes room for a file whose bytes never come. */
  async reserve(): Promise<void> {
    this.#wish({ do: "reserve" });
    await this.#awaited("reserved");
  }

  /** Ends or gives up what is under way. @returns bytes that the account uses, as it is told */
  async settle(): Promise<number> {
    this.#wish({ do: "settle" });
    return (await this.#awaited("settled")).used;
  }

  /** Reads what has been touched, or everything: it is what was acknowledged, or what an unanswered call has made of it. */
  async verify(everything = false): Promise<void> {
    const ids = everything ? [...this.#held.keys()] : [...this.#touched];
    this.#touched.clear();
    this.#wish({ do: "read", ids });
    for (const id of ids) {
      const { hash } = await this.#awaited("read", (told) => told.id === id);
      const held = this.#held.get(id) ?? new Set();
      const found = [...held].filter((content) => hashOf(content) === hash);
      expect(found, `${this.email}'s file ${id} holds something else than ${[...held]}: ${hash}`).not.toEqual(
        [],
      );
      this.#held.set(id, new Set(found));
      if (found[0] === null) this.#held.delete(id);
    }
  }

  #wish(wish: Wish): void {
    this.#process?.stdin?.write(`${JSON.stringify(wish)}\n`);
  }

  #hear(told: Told): void {
    this.#heard += 1;
    this.#isBusy = told.kind === "offered" || told.kind === "moved";
    if (told.kind === "offered") this.#offered(told.id, told.content);
    else if (told.kind === "resumed") this.resumed += 1;
    else if (told.kind === "acknowledged") {
      this.acknowledged += 1;
      this.#touched.add(told.id);
      this.#held.set(told.id, new Set([told.content]));
    } else if (told.kind !== "moved") this.#told.push(told);
  }

  #offered(id: string, content: string | null): void {
    this.#touched.add(id);
    const held = this.#held.get(id) ?? new Set([null]);
    this.#held.set(id, held.add(content));
    if (content === null) this.#offers.delete(id);
    else this.#offers.set(id, content);
  }

  async #awaited<Kind extends Told["kind"]>(
    kind: Kind,
    isIt: (told: Extract<Told, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<Told, { kind: Kind }>> {
    const found = await waitFor(() => {
      const failed = this.#told.find((told) => told.kind === "failed");
      if (failed) return failed;
      return this.#told.find((told) => told.kind === kind && isIt(told as Extract<Told, { kind: Kind }>));
    }, 180_000).catch((cause: unknown) => {
      throw new Error(`${this.email}: "${kind}" was awaited`, { cause });
    });
    if (found.kind === "failed") throw new Error(`${this.email}: ${found.message}`);
    this.#told = this.#told.filter((told) => told !== found);
    return found as Extract<Told, { kind: Kind }>;
  }
}
