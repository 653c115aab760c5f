import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSuite } from "../../crypto/suite/index.ts";
import { TrackItError } from "../../errors.ts";
import { real } from "../../retry/around.ts";
import type { Answered, Door, Sending } from "../door.ts";
import type { Progress } from "../types.ts";
import type { Content } from "./content.ts";
import { Hold } from "./hold.ts";
import { PART } from "./parts.ts";
import { type Job, sendContent, type Trail } from "./send.ts";

const suite = createSuite();
const offline = (): Error => new TrackItError("NETWORK_OFFLINE", "a test: the line is cut");
let waits: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  waits = vi.spyOn(real, "wait").mockImplementation(async () => {});
});
afterEach(() => vi.restoreAllMocks());

/** A Storage that keeps what it is sent, and does what a test has it do. */
class FakeStorage implements Door {
  /** Uploads under way, by address. */
  readonly uploads = new Map<string, Buffer>();
  /** What has become an object. */
  object: Buffer | null = null;
  readonly asked: string[] = [];
  sent = 0;
  /** Called before a request is heard: may throw, or lose so many of its bytes. */
  before: (method: string, sending: Sending) => Promise<void> | void = () => {};
  /** Called before an answer is told: may throw. */
  after: (method: string) => void = () => {};
  readonly total: number;

  constructor(total: number) {
    this.total = total;
  }

  url = (path: string): string => `https://project.example/storage/v1/${path}`;

  async send(url: string, sending: Sending): Promise<Answered> {
    const { method } = sending;
    this.asked.push(method);
    await this.before(method, sending);
    const answer = this.#heard(url, sending);
    this.after(method);
    return { status: 200, text: "", header: (name) => answer[name] ?? null };
  }

  #heard(url: string, { method, headers, body }: Sending): Record<string, string> {
    if (method === "POST" && url.includes("/object/")) {
      this.#finish(Buffer.from(body ?? []));
      return {};
    }
    if (method === "POST") {
      if (this.object) throw new TrackItError("CONFLICT_ID", "a test: the object is there");
      const location = `/storage/v1/upload/resumable/${this.uploads.size}-${this.asked.length}`;
      this.uploads.set(`https://project.example${location}`, Buffer.alloc(0));
      return { location };
    }
    const had = this.uploads.get(url);
    if (!had) throw new TrackItError("ACCESS_NOT_FOUND", "a test: no such upload");
    if (method === "PATCH") {
      if (Number(headers["upload-offset"]) !== had.length)
        throw new TrackItError("CONFLICT_ID", "a test: another offset");
      this.sent += body?.length ?? 0;
      const has = Buffer.concat([had, body ?? new Uint8Array()]);
      this.uploads.set(url, has);
      if (has.length === this.total) this.#finish(has);
      return { "upload-offset": String(has.length) };
    }
    return { "upload-offset": String(had.length) };
  }

  #finish(bytes: Buffer): void {
    if (this.object) throw new TrackItError("CONFLICT_ID", "a test: the object is there");
    this.object = bytes;
  }

  read = (): never => expect.unreachable("nothing is read here");
}

const much = Uint8Array.from({ length: 2 * PART + 2_000 }, (_, at) => (at * 13 + (at >> 9)) & 255);
const bytesOf = (size: number, first = 0): Uint8Array<ArrayBuffer> => much.subarray(first, first + size);

function contentOf(bytes: Uint8Array<ArrayBuffer>): Content & { reads: number } {
  const content = {
    reads: 0,
    total: bytes.length,
    async *pieces() {
      content.reads += 1;
      for (let at = 0; at < bytes.length; at += 1_000_000) yield bytes.slice(at, at + 1_000_000);
      return { size: bytes.length, hash: await suite.sha256(bytes) };
    },
  };
  return content;
}

interface World {
  door: FakeStorage;
  trail: Trail;
  hold: Hold;
  ending: AbortController;
  told: Progress[];
  kept: Trail[];
  content: ReturnType<typeof contentOf>;
  bytes: Uint8Array<ArrayBuffer>;
  send(): ReturnType<typeof sendContent>;
}

function world(size: number, given: Partial<Pick<World, "door" | "trail" | "bytes">> = {}): World {
  const bytes = given.bytes ?? bytesOf(size);
  const made = {
    ...{
      bytes,
      hold: new Hold(),
      ending: new AbortController(),
      told: [] as Progress[],
      kept: [] as Trail[],
    },
    ...{ door: given.door ?? new FakeStorage(size), trail: given.trail ?? { url: null, parts: [] } },
    content: contentOf(bytes),
  };
  const job: Job = {
    ...{ suite, door: made.door, content: made.content, trail: made.trail, hold: made.hold },
    ...{ signal: made.ending.signal, onProgress: (one) => made.told.push(one), action: "a test" },
    target: { bucket: "files", path: "a/b/1", total: size, type: "application/octet-stream" },
    keep: async () => void made.kept.push(structuredClone(made.trail)),
  };
  return Object.assign(made, { send: () => sendContent(job) });
}

function expectThere({ door, bytes }: World): void {
  expect(
    createHash("sha256")
      .update(door.object ?? "")
      .digest("hex"),
  ).toBe(createHash("sha256").update(bytes).digest("hex"));
}
const SIZE = 2 * PART + 1_000;

describe("a small content", () => {
  it("goes in one request, and its hash is kept before", async () => {
    const one = world(1_000);
    one.door.before = () => expect(one.kept.at(-1)?.parts).toHaveLength(1);
    expect(await one.send()).toMatchObject({ size: 1_000 });
    expect(one.door.asked).toEqual(["POST"]);
    expect(one.told.at(-1)).toEqual({ done: 1_000, total: 1_000 });
    expectThere(one);
  });

  it("whose answer was lost is there, once", async () => {
    const one = world(PART);
    let lost = 0;
    one.door.after = () => {
      if (lost++ === 0) throw offline();
    };
    await one.send();
    expect(one.door.asked).toEqual(["POST", "POST"]);
    expectThere(one);
  });

  it("that was sent before a restart is not taken for another's", async () => {
    const first = world(500);
    await first.send();
    const again = world(500, { door: first.door, trail: first.trail });
    await again.send();
    expectThere(again);
  });

  it("in whose place another device's lies is refused, not taken for sent: its key would open nothing", async () => {
    const other = world(500, { bytes: bytesOf(500, 7) });
    await other.send();
    const one = world(500, { door: other.door });
    await expect(one.send()).rejects.toMatchObject({ code: "CONFLICT_ID" });
  });
});

describe("a content in parts", () => {
  it("keeps each part's hash and the upload's address before the part is sent", async () => {
    const one = world(SIZE);
    one.door.before = (method) => {
      const parts = one.door.asked.filter((asked) => asked === "PATCH").length;
      if (method === "PATCH")
        expect(one.kept.at(-1)).toMatchObject({ url: expect.any(String), parts: { length: parts } });
    };
    await one.send();
    expect(one.door.asked).toEqual(["POST", "PATCH", "PATCH", "PATCH"]);
    expectThere(one);
  });

  it("goes on where the server says when an answer was lost, and sends no byte twice", async () => {
    const one = world(SIZE);
    let answers = 0;
    one.door.after = (method) => {
      if (method === "PATCH" && answers++ % 2 === 0) throw offline();
    };
    await one.send();
    expect(one.door.sent).toBe(SIZE);
    expectThere(one);
  });

  it("of which a part came half is sent from the middle on", async () => {
    const one = world(SIZE);
    let isFirst = true;
    one.door.before = (method) => {
      if (method !== "PATCH" || !isFirst) return;
      isFirst = false;
      const [[url]] = [...one.door.uploads.keys()].map((key) => [key]) as [[string]];
      one.door.uploads.set(url, Buffer.from(one.bytes.subarray(0, 1_234_567)));
      throw offline();
    };
    await one.send();
    expect(one.door.sent).toBe(SIZE - 1_234_567);
    expectThere(one);
  });

  it("asks again where the server has another offset than it told (409)", async () => {
    const one = world(SIZE);
    let isFirst = true;
    one.door.before = (method) => {
      if (method !== "PATCH" || !isFirst) return;
      isFirst = false;
      // An earlier request of this very part arrives late.
      for (const url of one.door.uploads.keys())
        one.door.uploads.set(url, Buffer.from(one.bytes.subarray(0, 99)));
    };
    await one.send();
    expect(one.door.asked.slice(0, 4)).toEqual(["POST", "PATCH", "HEAD", "PATCH"]);
    expectThere(one);
  });

  it("is begun anew with the same bytes where the server has lost it", async () => {
    const one = world(SIZE);
    let patches = 0;
    one.door.before = (method) => {
      if (method === "PATCH" && ++patches === 3) {
        one.door.uploads.clear();
        throw offline();
      }
    };
    await one.send();
    expect([one.content.reads, one.door.sent]).toEqual([2, 2 * PART + SIZE]);
    expectThere(one);
  });

  it("is begun anew three times at most", async () => {
    const one = world(SIZE);
    one.door.before = (method) => {
      if (method === "PATCH") one.door.uploads.clear();
    };
    await expect(one.send()).rejects.toMatchObject({ code: "NETWORK_SERVER" });
    expect(one.content.reads).toBe(3);
  });

  it("whose last answer was lost, with the server's memory of it, is there all the same", async () => {
    const one = world(SIZE);
    one.door.after = (method) => {
      if (method !== "PATCH" || !one.door.object || one.door.uploads.size === 0) return;
      one.door.uploads.clear();
      throw offline();
    };
    await one.send();
    expectThere(one);
  });

  it("goes on after a restart, and refuses a source that is another in any part that was begun", async () => {
    const first = world(SIZE);
    first.door.before = (method) => {
      if (method === "PATCH" && first.door.sent === PART) throw new TrackItError("ACCESS_DENIED", "killed");
    };
    await expect(first.send()).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    first.door.before = () => {};
    expect(first.trail.parts).toHaveLength(2);
    for (const at of [0, PART, 2 * PART - 1]) {
      const changed = first.bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const other = world(SIZE, { door: first.door, trail: structuredClone(first.trail), bytes: changed });
      await expect(other.send()).rejects.toMatchObject({ code: "FILE_CHANGED" });
    }
    const again = world(SIZE, { door: first.door, trail: structuredClone(first.trail) });
    await again.send();
    expect(first.door.sent).toBe(SIZE);
    expectThere(again);
  });

  it("that brings nothing any more is given up after twelve tries, also behind its first part", async () => {
    for (const through of [0, 1]) {
      waits.mockClear();
      const one = world(SIZE);
      let patches = 0;
      one.door.before = (method) => {
        if (method === "PATCH" && patches++ >= through) throw offline();
      };
      await expect(one.send()).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
      expect(waits).toHaveBeenCalledTimes(11);
    }
  });

  it("is refused once where it is refused for good", async () => {
    const one = world(SIZE);
    one.door.before = () => {
      throw new TrackItError("LIMIT_SIZE", "a test: too large");
    };
    await expect(one.send()).rejects.toMatchObject({ code: "LIMIT_SIZE" });
    expect(waits).not.toHaveBeenCalled();
  });
});

describe("a content that is held", () => {
  /** Fails as a request does whose signal fires. */
  const cutOff = ({ signal }: Sending): Promise<never> =>
    new Promise((_, reject) => {
      const fail = (): void => reject(new TrackItError("NETWORK_ABORTED", "a test: ended by its signal"));
      if (signal.aborted) fail();
      signal.addEventListener("abort", fail, { once: true });
    });

  it("waits, and goes on; also where it is let go at once, before its request has ended", async () => {
    for (const isAtOnce of [true, false]) {
      const one = world(SIZE);
      let isFirst = true;
      one.door.before = (method, sending) => {
        if (method !== "PATCH" || !isFirst) return;
        isFirst = false;
        const cut = cutOff(sending);
        one.hold.close();
        if (isAtOnce) one.hold.open();
        else setImmediate(() => one.hold.open());
        return cut;
      };
      await one.send();
      expectThere(one);
    }
  });

  it("ends with whoever gives it up, held or not", async () => {
    for (const isHeld of [true, false]) {
      const one = world(SIZE);
      one.door.before = (method, sending) => {
        if (method !== "PATCH") return;
        const cut = cutOff(sending);
        if (isHeld) one.hold.close();
        one.ending.abort();
        return cut;
      };
      await expect(one.send()).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
      expect(one.door.object).toBeNull();
    }
  });
});
