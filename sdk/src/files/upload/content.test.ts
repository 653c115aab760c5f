import { describe, expect, it } from "vitest";
import { concat, equal } from "../../crypto/bytes/index.ts";
import { CHUNK, sealedLength } from "../../crypto/chunked/index.ts";
import { draftFile, openFile } from "../../crypto/file/index.ts";
import { createSuite } from "../../crypto/suite/index.ts";
import { type Content, contentOf } from "./content.ts";
import { readable } from "./source.ts";

const suite = createSuite();
const { signal } = new AbortController();
/** More chunks than are given back at once. */
const plain = Uint8Array.from({ length: 70 * CHUNK + 5 }, (_, at) => (at * 31 + (at >> 8)) & 255);

async function drain(content: Content) {
  const all: Uint8Array[] = [];
  const pieces = content.pieces(signal);
  let step = await pieces.next();
  for (; !step.done; step = await pieces.next()) all.push(step.value.slice());
  return { bytes: concat(...all), end: step.value };
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

describe("what is sent", () => {
  it("is the whole source, of bytes or of a Blob, sealed or as it is, and is told at its end", async () => {
    for (const source of [readable(plain, "a test"), readable(new Blob([plain]), "a test")]) {
      const draft = draftFile(suite, suite.random(16), 1);
      const sealed = await drain(contentOf(suite, source, draft));
      expect([sealed.bytes.length, sealed.end.size]).toEqual([sealedLength(plain.length), plain.length]);
      const info = { ...draft, ...sealed.end, name: "a", type: "", thumbnail: new Uint8Array() };
      const opened: Uint8Array[] = [];
      for await (const piece of openFile(suite, info, once(sealed.bytes))) opened.push(piece);
      expect(equal(concat(...opened), plain)).toBe(true);

      const bare = await drain(contentOf(suite, source, null));
      expect([equal(bare.bytes, plain), bare.end.size]).toEqual([true, plain.length]);
    }
    expect(plain.buffer.byteLength).toBe(plain.length);
  });

  it("is refused at its end where the source was shorter or longer than it said", async () => {
    for (const size of [plain.length - 1, plain.length + 1]) {
      const source = { ...readable(plain, "a test"), size };
      await expect(drain(contentOf(suite, source, null))).rejects.toMatchObject({ code: "FILE_CHANGED" });
    }
  });
});
