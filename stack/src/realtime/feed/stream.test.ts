import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Batch } from "./changes.ts";
import { openStream } from "./stream.ts";

/** As much of a Postgres as a replication connection asks for, whose walsender does what a test says. */
class Walsender {
  /** Letters of what came since replication began: `d` for a status update, `c` for the end. */
  heard = "";
  onHeard: (letter: string) => void = () => {};
  readonly #server: Server;
  #socket: Socket | null = null;
  #rest = Buffer.alloc(0);

  constructor() {
    this.#server = createServer((socket) => {
      this.#socket = socket.on("error", () => {});
      socket.once("data", () => {
        this.#say("R", Buffer.alloc(4));
        this.#ready();
        socket.on("data", (bytes) => this.#read(bytes));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `postgres://ada@127.0.0.1:${(this.#server.address() as AddressInfo).port}/postgres`;
  }

  /** A transaction without changes. */
  commit(xid: number): void {
    const end = BigInt(xid) << 8n;
    this.#wal("B", [end, 0n], xid);
    this.#wal("C\0", [end, end, 0n]);
  }

  endReplication(): void {
    this.#say("c", Buffer.alloc(0));
    this.#complete();
  }

  close(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= 5 && this.#rest.length > this.#rest.readUInt32BE(1)) {
      const length = this.#rest.readUInt32BE(1) + 1;
      const letter = String.fromCharCode(this.#rest[0] ?? 0);
      const body = this.#rest.toString("utf8", 5, length);
      this.#rest = this.#rest.subarray(length);
      if (letter === "Q") this.#answer(body);
      else this.#note(letter);
    }
  }

  #note(letter: string): void {
    this.heard += letter;
    this.onHeard(letter);
  }

  /** There is no slot yet; it is made, and replication begins. */
  #answer(query: string): void {
    if (query.startsWith("START_REPLICATION")) {
      this.#say("W", Buffer.alloc(3));
      return;
    }
    if (query.startsWith("select")) this.#say("T", Buffer.alloc(2));
    this.#complete();
  }

  #complete(): void {
    this.#say("C", Buffer.from("DONE\0"));
    this.#ready();
  }

  #ready(): void {
    this.#say("Z", Buffer.from("I"));
  }

  #wal(kind: string, numbers: bigint[], xid?: number): void {
    const body = Buffer.alloc(numbers.length * 8 + (xid === undefined ? 0 : 4));
    numbers.forEach((number, at) => {
      body.writeBigUInt64BE(number, at * 8);
    });
    if (xid !== undefined) body.writeUInt32BE(xid, numbers.length * 8);
    this.#say("d", Buffer.concat([Buffer.from("w"), Buffer.alloc(24), Buffer.from(kind), body]));
  }

  #say(letter: string, body: Buffer): void {
    const head = Buffer.from(`${letter}\0\0\0\0`);
    head.writeUInt32BE(body.length + 4, 1);
    this.#socket?.write(Buffer.concat([head, body]));
  }
}

const servers: Walsender[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function open() {
  const walsender = new Walsender();
  servers.push(walsender);
  const handled: number[] = [];
  const stream = await openStream({
    url: await walsender.listen(),
    publications: ["all"],
    from: 0n,
    wants: () => true,
    begins: () => {},
    handle: async ({ xid }: Batch) => void handled.push(xid),
  });
  return { walsender, handled, stream };
}

describe("a stream", () => {
  it("wakes a walsender that slept through the last commit, at the beginning and behind another", async () => {
    const { walsender, handled } = await open();
    // It looks when it hears something, and nothing else wakes it; one of three words is an acknowledgement.
    walsender.onHeard = () => {
      const times = walsender.heard.length / 3;
      if (Number.isInteger(times) && times <= 2) walsender.commit(times);
    };
    await expect.poll(() => handled, { timeout: 10_000 }).toEqual([1, 2]);
  });

  it("that ends says nothing behind its end, which Postgres would take for an error", async () => {
    const { walsender, handled, stream } = await open();
    walsender.onHeard = (letter) => {
      if (letter === "c") walsender.commit(7);
    };
    const stopped = stream.stop();
    await expect.poll(() => handled, { timeout: 10_000 }).toEqual([7]);
    walsender.endReplication();
    await stopped;
    expect(await stream.ended).toBeNull();
    expect(walsender.heard).toMatch(/^d*cX?$/);
  });
});
