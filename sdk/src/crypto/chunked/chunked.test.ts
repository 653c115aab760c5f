import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, concat, equal, toHex } from "../bytes/index.ts";
import { createSuite } from "../suite/index.ts";
import {
  CHUNK,
  createOpener,
  createSealer,
  HEADER,
  offsetOf,
  openBytes,
  plainLength,
  sealBytes,
  sealedLength,
  TAG,
} from "./index.ts";
import { openRange, openStream, type Source, sealStream, spanOf, toTransform } from "./streams.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const suite = createSuite();
const failure = { code: "CRYPTO_OPEN_FAILED" };
const context = suite.random(20);
const key = await suite.hmacKey(suite.random(32));

/** Bytes that differ from place to place. */
const plainOf = (size: number): Bytes =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255);
async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}
async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Bytes> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return concat(...all);
}
const drain = async (stream: ReadableStream<Bytes>): Promise<Bytes> =>
  new Uint8Array(await new Response(stream).arrayBuffer());
const same = (one: Uint8Array, other: Uint8Array) => expect(equal(one, other)).toBe(true);

const sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5, 40 * CHUNK + 100];

describe("sealed bytes", () => {
  it.each(sizes)(
    "%d bytes come back, at once and as a stream, and have the length that was told",
    async (size) => {
      const plain = plainOf(size);
      const once = await sealBytes(suite, key, context, plain);
      const streamed = await collect(sealStream(suite, key, context, cut(plain, 10_007)));
      for (const sealed of [once, streamed]) {
        expect([sealed.length, plainLength(sealed.length)]).toEqual([sealedLength(size), size]);
        same(await openBytes(suite, key, context, sealed), plain);
        same(await collect(openStream(suite, key, context, cut(sealed, 9_973))), plain);
      }
    },
  );

  it("are different each time, and the same for the same salt", async () => {
    const [plain, salt] = [plainOf(10), suite.random(24)];
    const twice = await Promise.all([1, 2].map(() => sealBytes(suite, key, context, plain)));
    expect(new Set(twice.map((sealed) => toHex(sealed.subarray(0, 24)))).size).toBe(2);
    const salted = await Promise.all([1, 2].map(() => sealBytes(suite, key, context, plain, salt)));
    expect(new Set(salted.map(toHex)).size).toBe(1);
    await expect(sealBytes(suite, key, context, plain, suite.random(23))).rejects.toMatchObject({
      code: "USAGE_INVALID",
    });
  });

  it("no flipped bit, cut end or added byte is opened", async () => {
    const sealed = await sealBytes(suite, key, context, plainOf(40));
    const wrong = [
      ...Array.from(sealed, (byte, at) =>
        Uint8Array.from(sealed, (old, place) => (place === at ? byte ^ (1 << (at % 8)) : old)),
      ),
      ...Array.from(sealed, (_, at) => sealed.subarray(0, at)),
      concat(sealed, Uint8Array.of(0)),
      concat(Uint8Array.of(0), sealed),
    ];
    for (const bytes of wrong)
      await expect(openBytes(suite, key, context, bytes)).rejects.toMatchObject(failure);
  });

  it(`no change anywhere in several chunks is opened, at once or as a stream (SEED=${seed})`, async () => {
    const sealed = await sealBytes(suite, key, context, plainOf(2 * CHUNK + 77));
    const place = fc.nat(sealed.length - 1);
    const change = fc.oneof(
      fc
        .tuple(place, fc.integer({ min: 1, max: 255 }))
        .map(([at, bits]) => Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ bits : byte))),
      place.map((at) => sealed.slice(0, at)),
      place.map((at) => concat(sealed.subarray(0, at), sealed.subarray(at + 1))),
      fc
        .tuple(place, fc.nat(255))
        .map(([at, byte]) => concat(sealed.subarray(0, at), Uint8Array.of(byte), sealed.subarray(at))),
    );
    const property = fc.asyncProperty(change, async (bytes) => {
      await expect(openBytes(suite, key, context, bytes)).rejects.toMatchObject(failure);
      await expect(collect(openStream(suite, key, context, cut(bytes, 5_000)))).rejects.toMatchObject(
        failure,
      );
    });
    await fc.assert(property, { seed, numRuns: 60 });
  });

  it("open with their own key and context alone", async () => {
    const sealed = await sealBytes(suite, key, context, plainOf(40));
    const eve = await suite.hmacKey(suite.random(32));
    await expect(openBytes(suite, eve, context, sealed)).rejects.toMatchObject(failure);
    await expect(openBytes(suite, key, context.subarray(1), sealed)).rejects.toMatchObject(failure);
    await expect(openBytes(suite, key, concat(context, Uint8Array.of(0)), sealed)).rejects.toMatchObject(
      failure,
    );
  });

  it("lengths that no message has are refused, every length that one has is taken", () => {
    const taken = new Set(Array.from({ length: 2 * CHUNK + 3 }, (_, size) => sealedLength(size)));
    for (let length = 0; length <= sealedLength(2 * CHUNK + 2); length++) {
      if (taken.has(length)) expect(sealedLength(plainLength(length))).toBe(length);
      else expect(() => plainLength(length), `${length}`).toThrow(expect.objectContaining(failure));
    }
  });
});

describe("a stream", () => {
  it("that ends after a whole chunk is cut off, whatever it gave before", async () => {
    const sealed = await sealBytes(suite, key, context, plainOf(2 * CHUNK + 9));
    for (const chunks of [0, 1, 2]) {
      const cutOff = sealed.subarray(0, HEADER + chunks * (CHUNK + 16));
      const given: Uint8Array[] = [];
      const reading = (async () => {
        for await (const piece of openStream(suite, key, context, cut(cutOff, 1000))) given.push(piece);
      })();
      await expect(reading).rejects.toMatchObject(failure);
      expect(concat(...given).length).toBe(chunks * CHUNK);
    }
  });

  it("gives what is authentic before a chunk that is not, and nothing behind it", async () => {
    const plain = plainOf(70 * CHUNK + 9);
    const sealed = await sealBytes(suite, key, context, plain);
    for (const chunk of [0, 1, 31, 32, 33, 63, 64, 70]) {
      const at = offsetOf(chunk) + 3;
      const changed = Uint8Array.from(sealed, (byte, place) => (place === at ? byte ^ 1 : byte));
      const given: Uint8Array[] = [];
      const reading = (async () => {
        for await (const piece of openStream(suite, key, context, cut(changed, 30_011))) given.push(piece);
      })();
      await expect(reading).rejects.toMatchObject(failure);
      same(concat(...given), plain.subarray(0, chunk * CHUNK));
    }
  });

  it("of another size than was told is refused, although it is whole", async () => {
    const sealed = await sealBytes(suite, key, context, plainOf(CHUNK + 9));
    same(
      await collect(openStream(suite, key, context, cut(sealed, 1000), { size: CHUNK + 9 })),
      plainOf(CHUNK + 9),
    );
    for (const size of [0, 9, CHUNK, CHUNK + 8, CHUNK + 10, 5 * CHUNK]) {
      const reading = collect(openStream(suite, key, context, cut(sealed, 1000), { size }));
      await expect(reading).rejects.toMatchObject(failure);
    }
  });

  it("tells how far it is, and ends with NETWORK_ABORTED while its source hangs, which it lets go of", async () => {
    const [heard, controller] = [[] as number[], new AbortController()];
    let released = false;
    const hanging: Source = new ReadableStream({
      start: (source) => source.enqueue(plainOf(40 * CHUNK)),
      cancel: () => {
        released = true;
      },
    });
    const { signal } = controller;
    const onProgress = (bytes: number) => {
      heard.push(bytes);
      controller.abort();
    };
    const reading = collect(sealStream(suite, key, context, hanging, { signal, onProgress }));
    await expect(reading).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
    expect([heard, released]).toEqual([[32 * CHUNK], true]);
    const late = collect(openStream(suite, key, context, cut(plainOf(10), 10), { signal }));
    await expect(late).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
  });

  it("passes on what its source throws, and lets go of a source that is not wanted any more", async () => {
    const broken = (async function* () {
      yield plainOf(CHUNK);
      throw new Error("the network is gone");
    })();
    await expect(collect(sealStream(suite, key, context, broken))).rejects.toThrow("the network is gone");
    let released = false;
    const endless = (async function* () {
      try {
        for (;;) yield plainOf(CHUNK);
      } finally {
        released = true;
      }
    })();
    for await (const piece of sealStream(suite, key, context, endless)) if (piece.length > HEADER) break;
    await expect.poll(() => released).toBe(true);
  });

  it("holds no more than some chunks, however long it is and however slowly it is read", async () => {
    let given = 0;
    const source = (async function* () {
      for (; given < 2000; given++) yield plainOf(CHUNK);
    })();
    let ahead = 0;
    let read = 0;
    for await (const { length } of sealStream(suite, key, context, source)) {
      ahead = Math.max(ahead, given - read);
      read += Math.ceil(length / (CHUNK + TAG));
    }
    expect([read, ahead < 100]).toEqual([2002, true]);
  });

  it.each([1_000, CHUNK, CHUNK + 1])(
    "may reuse its buffer of %d bytes for the next piece",
    async (length) => {
      const buffer = new Uint8Array(length);
      const source = (async function* () {
        for (let at = 0; at < 20; at++) yield buffer.fill(at);
      })();
      const sealed = await collect(sealStream(suite, key, context, source));
      const plain = await openBytes(suite, key, context, sealed);
      expect(Array.from({ length: 20 }, (_, at) => plain[at * length])).toEqual(
        Array.from({ length: 20 }, (_, at) => at),
      );
      const again = (async function* () {
        for (let at = 0; at < sealed.length; at += length) {
          const piece = sealed.subarray(at, at + length);
          buffer.set(piece);
          yield buffer.subarray(0, piece.length);
        }
      })();
      same(await collect(openStream(suite, key, context, again)), plain);
    },
  );

  it("goes through pipeThrough, both ways, and breaks at both ends when it does not open", async () => {
    const plain = plainOf(5 * CHUNK + 3);
    const sealing = toTransform((source) => sealStream(suite, key, context, source));
    const opening = () => toTransform((source) => openStream(suite, key, context, source));
    const sealed = await drain(new Blob([plain]).stream().pipeThrough(sealing));
    same(await drain(new Blob([sealed]).stream().pipeThrough(opening())), plain);
    const broken = new Blob([sealed.subarray(1)]).stream().pipeThrough(opening());
    await expect(drain(broken)).rejects.toMatchObject(failure);
    const { writable, readable } = opening();
    const endless = new ReadableStream({ pull: (source) => source.enqueue(new Uint8Array(CHUNK)) });
    const writing = expect(endless.pipeTo(writable)).rejects.toBeUndefined();
    await expect(drain(readable)).rejects.toMatchObject(failure);
    await writing;
  });
});

describe("a range", () => {
  it(`is what a slice would be, and reads no other chunks (SEED=${seed})`, async () => {
    const size = 4 * CHUNK + 100;
    const plain = plainOf(size);
    const sealed = await sealBytes(suite, key, context, plain);
    const opener = await createOpener(suite, key, context, sealed.subarray(0, HEADER));
    const property = fc.asyncProperty(fc.nat(size), fc.nat(size), async (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const { start, end } = spanOf(size, from, to);
      const bytes = cut(sealed.subarray(start, end), 7_000);
      same(await collect(openRange(opener, bytes, { size, from, to })), plain.subarray(from, to));
    });
    await fc.assert(property, { seed, numRuns: 100 });
  });

  it.each([
    [-1, 5],
    [5, 4],
    [0, 101],
    [Number.NaN, 3],
  ])("from %d to %d of 100 bytes is refused", (from, to) => {
    expect(() => spanOf(100, from, to)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
  });

  it("range_on_truncated: of a message that was cut off, or whose size is not the one that was sealed, is refused", async () => {
    const size = 3 * CHUNK;
    const sealed = await sealBytes(suite, key, context, plainOf(size));
    const opener = await createOpener(suite, key, context, sealed.subarray(0, HEADER));
    const read = (bytes: Uint8Array, told: number, from: number, to: number) =>
      collect(
        openRange(opener, cut(bytes.subarray(spanOf(told, from, to).start), 3_000), { size: told, from, to }),
      );
    same(await read(sealed, size, CHUNK, 2 * CHUNK), plainOf(size).subarray(CHUNK, 2 * CHUNK));
    // Cut within the range, just behind it, and at the end of a chunk.
    for (const end of [sealedLength(CHUNK) + 5, sealedLength(2 * CHUNK) - 17, HEADER + CHUNK + 16]) {
      await expect(read(sealed.subarray(0, end), size, CHUNK, 2 * CHUNK)).rejects.toMatchObject(failure);
    }
    // A shorter message is another message: its last chunk is short where this one's is full.
    await expect(read(sealed, CHUNK + 5, CHUNK, CHUNK + 5)).rejects.toMatchObject(failure);
    await expect(read(sealed, size + 5, 3 * CHUNK, size + 5)).rejects.toMatchObject(failure);
  });

  it("opens no chunk in another's place", async () => {
    const { header, seal } = await createSealer(suite, key, context);
    const { open } = await createOpener(suite, key, context, header);
    const chunk = await seal(300, plainOf(CHUNK));
    same(await open(300, chunk, CHUNK), plainOf(CHUNK));
    for (const place of [0, 44, 299, 301, 300 + 2 ** 16, 300 * 256]) {
      await expect(open(place, chunk, CHUNK)).rejects.toMatchObject(failure);
    }
  });
});
