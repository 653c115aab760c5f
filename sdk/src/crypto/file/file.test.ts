import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, concat, equal, utf8 } from "../bytes/index.ts";
import { CHUNK, HEADER, sealedLength } from "../chunked/index.ts";
import { spanOf } from "../chunked/streams.ts";
import { createSuite } from "../suite/index.ts";
import {
  decodeFileInfo,
  draftFile,
  encodeFileInfo,
  type FileDraft,
  type FileInfo,
  openFile,
  openFileRange,
  sealFile,
} from "./index.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const suite = createSuite();
const failure = { code: "CRYPTO_OPEN_FAILED" };
const misuse = { code: "USAGE_INVALID" };
const id = suite.random(16);

const contentOf = (size: number, first = 0): Bytes =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) + first) & 255);
async function* cut(bytes: Uint8Array, step = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}
async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Bytes> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return concat(...all);
}
/** The ciphertext that was given out, and what `FileInfo` needs. */
async function seal(draft: FileDraft, content: Uint8Array, step = 10_000) {
  const sealing = sealFile(suite, draft, cut(content, step));
  const pieces: Uint8Array[] = [];
  let given = await sealing.next();
  for (; !given.done; given = await sealing.next()) pieces.push(given.value);
  const info: FileInfo = {
    ...draft,
    ...given.value,
    name: "notes.txt",
    type: "text/plain",
    thumbnail: contentOf(3),
  };
  return { bytes: concat(...pieces), info };
}
const open = (info: FileInfo, bytes: Uint8Array) => collect(openFile(suite, info, cut(bytes)));

describe("a file", () => {
  it.each([0, 1, CHUNK, 5 * CHUNK + 3, 1_100_000])(
    "of %d bytes comes back, as long as it was told",
    async (size) => {
      const { bytes, info } = await seal(draftFile(suite, id, 1), contentOf(size));
      expect([info.size, bytes.length]).toEqual([size, sealedLength(size)]);
      expect(equal(await open(info, bytes), contentOf(size))).toBe(true);
    },
  );

  it("that was changed, cut or lengthened does not come back whole", async () => {
    const { bytes, info } = await seal(draftFile(suite, id, 1), contentOf(2 * CHUNK + 50));
    for (const at of [0, 30, HEADER, HEADER + CHUNK, bytes.length - 1]) {
      const changed = Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ 1 : byte));
      await expect(open(info, changed)).rejects.toMatchObject(failure);
    }
    for (const other of [
      bytes.subarray(0, -1),
      bytes.subarray(0, HEADER + CHUNK + 16),
      concat(bytes, contentOf(1)),
      contentOf(0),
    ]) {
      await expect(open(info, other)).rejects.toMatchObject(failure);
    }
  });

  it("that is whole and was told to be of another size is refused", async () => {
    const { bytes, info } = await seal(draftFile(suite, id, 1), contentOf(100));
    for (const size of [99, 101, CHUNK])
      await expect(open({ ...info, size }, bytes)).rejects.toMatchObject(failure);
  });

  it("has the hash of docs/protocol.md §5: of the length and the hashes of each MiB", async () => {
    const { bytes, info } = await seal(draftFile(suite, id, 1), contentOf(2_200_000));
    const sha = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
    const length = Buffer.alloc(8);
    length.writeUInt32BE(bytes.length, 4);
    const segments = [0, 1, 2].map((at) => sha(bytes.subarray(at * 2 ** 20, (at + 1) * 2 ** 20)));
    const expected = sha(Buffer.from("trackit/1/file-hash\0"), length, ...segments);
    expect(Buffer.from(info.hash).toString("hex")).toBe(expected.toString("hex"));
  });

  it("whose bytes somebody with the key made anew is not the file that was told of", async () => {
    const draft = draftFile(suite, id, 1);
    const { info } = await seal(draft, contentOf(100));
    const forged = await seal({ ...draft, salt: suite.random(24) }, contentOf(100, 1));
    expect(equal(await open(forged.info, forged.bytes), contentOf(100, 1))).toBe(true);
    await expect(open(info, forged.bytes)).rejects.toMatchObject(failure);
  });

  it("file_version_rollback: an older version's bytes do not open as the newer one, nor its info where a newer was seen", async () => {
    const old = await seal(draftFile(suite, id, 1), contentOf(100));
    const key = old.info.key;
    const asNewer = { ...old.info, version: 2 };
    await expect(open(asNewer, old.bytes)).rejects.toMatchObject(failure);
    await expect(open({ ...old.info, id: suite.random(16) }, old.bytes)).rejects.toMatchObject(failure);
    const newer = await seal({ ...draftFile(suite, id, 2), key }, contentOf(100, 1));
    await expect(open(newer.info, old.bytes)).rejects.toMatchObject(failure);
    const shown = encodeFileInfo(old.info);
    expect(decodeFileInfo(shown, { seen: 1 }).version).toBe(1);
    expect(() => decodeFileInfo(shown, { seen: 2 })).toThrow(expect.objectContaining(failure));
  });

  it("is the same under the same draft, however its source is cut: so an upload goes on after a restart", async () => {
    const draft = draftFile(suite, id, 1);
    const content = contentOf(70 * CHUNK + 77);
    const [one, other] = [await seal(draft, content), await seal(draft, content, CHUNK * 33)];
    expect([equal(one.bytes, other.bytes), equal(one.info.hash, other.info.hash)]).toEqual([true, true]);
  });

  it("each version has a key and a salt of its own", () => {
    const drafts = [1, 2, 2].map((version) => draftFile(suite, id, version));
    for (const field of ["key", "salt"] as const) {
      expect(new Set(drafts.map((draft) => draft[field].join())).size).toBe(3);
    }
  });
});

describe("a range of a file", () => {
  const size = 4 * CHUNK + 9;
  const content = contentOf(size);

  async function read(info: FileInfo, bytes: Uint8Array, from: number, to: number) {
    const { start, end } = spanOf(info.size, from, to);
    const source = cut(bytes.subarray(start, end));
    const header = bytes.subarray(0, HEADER);
    return collect(openFileRange(suite, info, { from, to, length: bytes.length, header, source }));
  }

  it("is what a slice of the content would be", async () => {
    const { bytes, info } = await seal(draftFile(suite, id, 1), content);
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [CHUNK - 1, CHUNK + 1],
      [20_000, 60_000],
      [size - 1, size],
      [0, size],
    ] as const) {
      expect(equal(await read(info, bytes, from, to), content.subarray(from, to))).toBe(true);
    }
  });

  it("range_on_truncated: of a ciphertext that is not as long as was sealed is refused, even where the range is whole", async () => {
    const { bytes, info } = await seal(draftFile(suite, id, 1), content);
    for (const other of [
      bytes.subarray(0, -1),
      bytes.subarray(0, sealedLength(CHUNK)),
      concat(bytes, contentOf(1)),
    ]) {
      await expect(read(info, other, 0, 10)).rejects.toMatchObject(failure);
    }
  });
});

describe("what gives access", () => {
  const info: FileInfo = {
    id,
    version: 3,
    key: suite.random(32),
    size: 10,
    hash: suite.random(32),
    name: "Übersicht.pdf",
    type: "application/pdf",
    thumbnail: contentOf(100),
  };

  it("comes back as it was, and with no byte cut or added", () => {
    const bytes = encodeFileInfo(info);
    expect(decodeFileInfo(bytes)).toEqual(info);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeFileInfo(bytes.subarray(0, end))).toThrow(expect.objectContaining(failure));
    }
    expect(() => decodeFileInfo(concat(bytes, contentOf(1)))).toThrow(expect.objectContaining(failure));
  });

  it(`of any kind comes back as it was, and no changed byte makes the same of it (SEED=${seed})`, () => {
    const bytes = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((some) => some.slice() as Bytes);
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .map((text) => `n${text.replace(/[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "").normalize()}`)
      .filter((text) => utf8(text).length <= 255);
    const any = fc.record({
      id: bytes(16),
      version: fc.integer({ min: 1 }),
      key: bytes(32),
      size: fc.maxSafeNat(),
      hash: bytes(32),
      name,
      type: fc.string({ unit: "grapheme-ascii", maxLength: 127 }),
      thumbnail: fc.uint8Array({ maxLength: 300 }).map((some) => some.slice() as Bytes),
    });
    const property = fc.property(any, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, bits) => {
      const written = encodeFileInfo(one);
      expect(decodeFileInfo(written)).toEqual(one);
      const changed = Uint8Array.from(written, (byte, place) =>
        place === at % written.length ? byte ^ bits : byte,
      );
      try {
        expect(decodeFileInfo(changed)).not.toEqual(one);
      } catch (error) {
        expect(error).toMatchObject(failure);
      }
    });
    fc.assert(property, { seed, numRuns: 300 });
  });

  it.each([".", "..", "a/b", "a\\b", "a\nb", "\0", "\x7f", "\x9b", "photo\u202egpj.exe", "\u2066a"])(
    "names no file %j, neither written nor read",
    (name) => {
      expect(() => encodeFileInfo({ ...info, name })).toThrow(expect.objectContaining(misuse));
      const at = 16 + 8 + 32 + 8 + 32 + 2;
      const written = encodeFileInfo({ ...info, name: "x".repeat(utf8(name).length) });
      const forged = concat(written.subarray(0, at), utf8(name), written.subarray(at + utf8(name).length));
      expect(() => decodeFileInfo(forged)).toThrow(expect.objectContaining(failure));
    },
  );

  it.each(["", "é".repeat(128)])("names no file with too few or too many bytes", (name) => {
    expect(() => encodeFileInfo({ ...info, name })).toThrow(expect.objectContaining(misuse));
  });

  it("has a version of 1 or more, an ASCII type and a small thumbnail", () => {
    for (const wrong of [
      { version: 0 },
      { type: "é" },
      { type: "x".repeat(128) },
      { thumbnail: contentOf(16_385) },
    ]) {
      expect(() => encodeFileInfo({ ...info, ...wrong })).toThrow(
        expect.objectContaining({ code: "USAGE_INVALID" }),
      );
    }
  });
});
