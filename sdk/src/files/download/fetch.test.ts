import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TrackItError } from "../../errors.ts";
import { real } from "../../retry/around.ts";
import type { Progress } from "../types.ts";
import { type Ask, fetchBytes, type Wanted } from "./fetch.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const content = Uint8Array.from({ length: 50_000 }, (_, at) => (at * 7 + (at >> 8)) & 255);
const total = content.length;

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Tries follow each other at once; how many there were is told. */
function atOnce() {
  return vi.spyOn(real, "wait").mockImplementation(async () => {});
}

interface Told {
  bytes: Uint8Array;
  /** Fails behind the bytes instead of ending. */
  breaks?: boolean;
  status?: number;
  headers?: Record<string, string>;
}

/** An answer whose body comes in pieces of a thousand bytes. */
function answer({ bytes, breaks = false, status = 206, headers = {} }: Told): Response {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = bytes.slice(at, at + 1_000);
      at += piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      else if (breaks) controller.error(new TypeError("terminated"));
      else controller.close();
    },
  });
  return new Response(body, { status, headers });
}

const rangeOf = (from: number, to: number, of = total) => ({
  "content-range": `bytes ${from}-${to - 1}/${of}`,
});
const honest: Ask = async ({ from, to }) =>
  answer({ bytes: content.subarray(from, to), headers: rangeOf(from, to) });

async function read(ask: Ask, given: Partial<Wanted> = {}): Promise<Buffer> {
  const signal = new AbortController().signal;
  const wanted = { from: 0, to: total, total, sealed: true, signal, action: "a test", ...given };
  const all: Uint8Array[] = [];
  for await (const bytes of fetchBytes(ask, wanted)) all.push(bytes.slice());
  return Buffer.concat(all);
}

describe("bytes of a file", () => {
  it("are read into one buffer again and again, where the platform can", async () => {
    const large = Uint8Array.from({ length: 1_500_000 }, (_, at) => (at * 7 + (at >> 8)) & 255);
    const ask: Ask = async ({ from, to }) =>
      new Response(large.slice(from, to), { status: 206, headers: rangeOf(from, to, large.length) });
    const { body } = await ask({ from: 0, to: 1 }, new AbortController().signal);
    expect(() => body?.getReader({ mode: "byob" })).not.toThrow();
    expect((await read(ask, { to: large.length, total: large.length })).equals(large)).toBe(true);
    const part = { from: 7, to: 1_000_001, total: large.length };
    expect((await read(ask, part)).equals(large.subarray(7, 1_000_001))).toBe(true);
  });

  it(`are whole however often the line breaks, and none that came is asked for again (SEED=${seed})`, async () => {
    atOnce();
    const cuts = fc.array(fc.integer({ min: 1, max: 8_000 }), { minLength: 20, maxLength: 40 });
    const range = fc.tuple(fc.nat(total), fc.nat(total)).map((two) => two.sort((a, b) => a - b));
    const property = fc.asyncProperty(
      cuts,
      range,
      fc.boolean(),
      async (lengths, [from = 0, to = 0], breaks) => {
        const asked: number[] = [];
        let came = from;
        const told: Progress[] = [];
        const ask: Ask = async ({ from: at, to: end }) => {
          expect([at, end]).toEqual([came, to]);
          asked.push(at);
          const length = lengths[asked.length - 1] ?? total;
          const bytes = content.subarray(at, Math.min(at + length, end));
          came += bytes.length;
          return answer({ bytes, breaks: breaks && at + length < end, headers: rangeOf(at, end) });
        };
        const got = await read(ask, { from, to, onProgress: (progress) => told.push(progress) });
        expect(got.equals(content.subarray(from, to))).toBe(true);
        expect(told.at(-1)).toEqual({ done: to - from, total: to - from });
        expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
      },
    );
    await fc.assert(property, { seed, numRuns: 40 });
  });

  it("are cut out where a server answers a range with the whole", async () => {
    const ask: Ask = async () =>
      answer({ bytes: content, status: 200, headers: { "content-length": String(total) } });
    expect((await read(ask, { from: 1_234, to: 20_000 })).equals(content.subarray(1_234, 20_000))).toBe(true);
  });

  it("are not measured by a length that is of something packed", async () => {
    const headers = { "content-length": "70", "content-encoding": "gzip" };
    expect((await read(async () => answer({ bytes: content, status: 200, headers }))).length).toBe(total);
  });

  const lies = {
    "a range of a longer file": (from: number, to: number) => rangeOf(from, to, total + 1),
    "a range of a shorter file": (from: number, to: number) => rangeOf(from, to, total - 1),
    "another range": (from: number, to: number) => rangeOf(from + 5, to),
  };
  it.each(Object.entries(lies))("are refused at once where the server tells of %s", async (_, headers) => {
    const tries = atOnce();
    const ask: Ask = async ({ from, to }) =>
      answer({ bytes: content.subarray(from, to), headers: headers(from, to) });
    await expect(read(ask, { from: 10, to: 20 })).rejects.toMatchObject({ code: "CRYPTO_OPEN_FAILED" });
    const bare = { from: 10, to: 20, sealed: false };
    await expect(read(ask, bare)).rejects.toMatchObject({ code: "FILE_CHANGED" });
    expect(tries).not.toHaveBeenCalled();
  });

  it("are refused where the whole has another length than it should", async () => {
    const headers = { "content-length": String(total - 1) };
    const ask: Ask = async () => answer({ bytes: content.subarray(1), status: 200, headers });
    await expect(read(ask)).rejects.toMatchObject({ code: "CRYPTO_OPEN_FAILED" });
  });

  it("more than was asked for are left where they are", async () => {
    const ask: Ask = async ({ from }) =>
      answer({ bytes: content.subarray(from), headers: rangeOf(from, total) });
    expect((await read(ask, { from: 5, to: 2_500 })).equals(content.subarray(5, 2_500))).toBe(true);
  });

  it("of which none comes are given up after eight tries", async () => {
    const tries = atOnce();
    const ask: Ask = async () => {
      throw new TypeError("fetch failed");
    };
    await expect(read(ask)).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    expect(tries).toHaveBeenCalledTimes(7);
    const empty: Ask = async ({ from, to }) =>
      answer({ bytes: new Uint8Array(), headers: rangeOf(from, to) });
    await expect(read(empty)).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    expect(tries).toHaveBeenCalledTimes(14);
  });

  it("that are refused are not asked for again", async () => {
    const tries = atOnce();
    const ask: Ask = async () => {
      throw new TrackItError("ACCESS_NOT_FOUND", "a test: it is gone");
    };
    await expect(read(ask)).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
    expect(tries).not.toHaveBeenCalled();
  });

  it("of none are asked for by nobody, and are told of all the same", async () => {
    const told: Progress[] = [];
    const ask: Ask = async () => expect.unreachable("nothing was wanted");
    expect((await read(ask, { from: 7, to: 7, onProgress: (one) => told.push(one) })).length).toBe(0);
    expect(told).toEqual([{ done: 0, total: 0 }]);
  });

  it("end with whoever gives up", async () => {
    const ending = new AbortController();
    const reading = (async () => {
      const wanted = { from: 0, to: total, total, sealed: true, signal: ending.signal, action: "a test" };
      for await (const _ of fetchBytes(honest, wanted)) ending.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
  });
});

describe("a line that falls silent", () => {
  /** As `fetch` does: a signal that fires fails what is under way with its reason. */
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

  it("before an answer is given up, and the next one is asked", async () => {
    vi.useFakeTimers();
    vi.spyOn(real, "wait").mockImplementation(async () => {});
    let asked = 0;
    const ask: Ask = (range, signal) => {
      asked += 1;
      // As the door has it: a request that was ended is NETWORK_ABORTED.
      if (asked > 1) return honest(range, signal);
      return never(signal).catch(() => {
        throw new TrackItError("NETWORK_ABORTED", "a test: ended by its signal");
      });
    };
    const reading = read(ask);
    await vi.advanceTimersByTimeAsync(60_001);
    expect((await reading).equals(content)).toBe(true);
    expect(asked).toBe(2);
  });

  it("in the middle of one is given up as well, and what came is kept", async () => {
    vi.useFakeTimers();
    vi.spyOn(real, "wait").mockImplementation(async () => {});
    const asked: number[] = [];
    const ask: Ask = async ({ from, to }, signal) => {
      asked.push(from);
      if (asked.length > 1) return honest({ from, to }, signal);
      let isFirst = true;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (!isFirst) return never(signal);
          isFirst = false;
          controller.enqueue(content.slice(0, 700));
        },
      });
      return new Response(body, { status: 206, headers: rangeOf(from, to) });
    };
    const reading = read(ask);
    await vi.advanceTimersByTimeAsync(60_001);
    expect((await reading).equals(content)).toBe(true);
    expect(asked).toEqual([0, 700]);
  });

  it("is not one whose bytes wait for whoever takes them", async () => {
    vi.useFakeTimers();
    let asked = 0;
    const ask: Ask = (range, signal) => {
      asked += 1;
      signal.addEventListener("abort", () => expect.unreachable("nobody was silent"));
      return honest(range, signal);
    };
    const signal = new AbortController().signal;
    const pieces = fetchBytes(ask, { from: 0, to: total, total, sealed: true, signal, action: "a test" });
    let came = 0;
    for await (const bytes of pieces) {
      came += bytes.length;
      if (came < 5_000) await vi.advanceTimersByTimeAsync(600_000);
    }
    expect([came, asked]).toEqual([total, 1]);
  });
});
