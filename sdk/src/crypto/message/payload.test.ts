import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bytes } from "../bytes/index.ts";
import { suite } from "../testing/cast.ts";
import {
  type Content,
  canonicalJson,
  classOf,
  decodePayload,
  encodePayload,
  type Json,
  type Payload,
} from "./index.ts";

const bytes = (length: number, least = length) =>
  fc.uint8Array({ minLength: least, maxLength: length }).map((array) => new Uint8Array(array) as Bytes);
const text = (least: number, most: number) =>
  fc
    .string({ minLength: least, maxLength: most, unit: "grapheme" })
    .map((words) => words.normalize())
    .filter((words) => new TextEncoder().encode(words).length <= most && words.length >= least);
/** What travels: names and strings in NFC, no name twice, no -0. */
const json: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 6, noUnicodeString: false } as never)
  .map((value) => JSON.parse(JSON.stringify(value).normalize()) as Json);
const file = fc.record({
  id: bytes(16),
  version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  key: bytes(32),
  size: fc.maxSafeNat(),
  hash: bytes(32),
  name: text(1, 200).map((name) => `a${name.replace(/[/\\\p{Cc}]/gu, "_")}`),
  type: fc.constantFrom("", "image/png"),
  thumbnail: bytes(300, 0),
});
const content: fc.Arbitrary<Payload> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), reply: bytes(32), text: text(1, 300) }),
  fc.record({
    kind: fc.constant("structured" as const),
    reply: bytes(32),
    type: fc.stringMatching(/^[a-z0-9._/-]{1,64}$/),
    json,
  }),
  fc.record({
    kind: fc.constant("files" as const),
    reply: bytes(32),
    caption: text(0, 100),
    files: fc.array(file, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant("unknown" as const),
    number: fc.integer({ min: 4, max: 15 }),
    bytes: bytes(50, 0),
  }),
);
const control: fc.Arbitrary<Payload> = fc.oneof(
  fc.record({
    kind: fc.constant("edit" as const),
    target: bytes(32),
    counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    content: content as fc.Arbitrary<Content>,
  }),
  fc.record({ kind: fc.constant("delete" as const), target: bytes(32) }),
  fc.record({
    kind: fc.constant("reaction" as const),
    target: bytes(32),
    on: fc.boolean(),
    emoji: text(1, 64),
  }),
  fc.record({
    kind: fc.constant("receipt" as const),
    state: fc.constantFrom("received" as const, "read" as const),
    row: fc.maxSafeNat(),
    target: bytes(32),
  }),
  fc
    .tuple(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e9))
    .map(([from, more]) => ({ kind: "history" as const, from, to: from + more })),
  fc.record({
    kind: fc.constant("unknown" as const),
    number: fc.integer({ min: 21, max: 255 }),
    bytes: bytes(50, 0),
  }),
);
const refused = expect.objectContaining({ code: "CRYPTO_OPEN_FAILED" });

describe("payloads", () => {
  it("decode(encode(x)) = x, for every kind, in its own class alone", () => {
    fc.assert(
      fc.property(fc.oneof(content, control), (payload) => {
        const encoded = encodePayload(payload);
        const own = classOf(payload);
        expect(decodePayload(own, encoded)).toEqual(payload);
        expect(encodePayload(decodePayload(own, encoded))).toEqual(encoded);
        expect(() => decodePayload(own === "content" ? "control" : "content", encoded)).toThrow(refused);
      }),
    );
  });

  it("rubbish decodes to nothing, or to what encodes to the same bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom("content", "control"),
        (rubbish, wanted) => {
          const kind = wanted as "content" | "control";
          let payload: Payload;
          try {
            payload = decodePayload(kind, new Uint8Array(rubbish));
          } catch (error) {
            expect(error).toEqual(refused);
            return;
          }
          expect(encodePayload(payload)).toEqual(new Uint8Array(rubbish));
        },
      ),
    );
  });

  it("what is out of range is neither made nor read", () => {
    const target = suite.random(32);
    const wrong: Payload[] = [
      { kind: "text", reply: target, text: "" },
      { kind: "text", reply: target, text: "x".repeat(32_769) },
      { kind: "structured", reply: target, type: "Poll", json: 1 },
      { kind: "structured", reply: target, type: "poll", json: Number.NaN },
      { kind: "structured", reply: target, type: "poll", json: [[[[[[[[[1]]]]]]]]] },
      { kind: "structured", reply: target, type: "poll", json: { "\u00e9": 1, "e\u0301": 2 } },
      { kind: "files", reply: target, caption: "", files: [] },
      { kind: "edit", target, counter: 0, content: { kind: "text", reply: target, text: "x" } },
      { kind: "reaction", target, on: true, emoji: "" },
      { kind: "history", from: 2, to: 1 },
      { kind: "history", from: 0, to: 1 },
      { kind: "unknown", number: 9, bytes: new Uint8Array(61_440) },
    ];
    for (const payload of wrong) {
      expect(() => encodePayload(payload)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
    }
  });
});

describe("canonical JSON", () => {
  it("is RFC 8785: names by UTF-16 code units, numbers and strings as ECMAScript has them", () => {
    const value = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27],
      "\uff21": 1,
      "\u{1f600}": 2,
      a: null,
    };
    expect(canonicalJson(value)).toBe(
      '{"a":null,"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"\u{1f600}":2,"\uff21":1}',
    );
  });

  it("other texts of the same value are refused", () => {
    const encoded = (text: string) => {
      const payload = encodePayload({
        kind: "structured",
        reply: new Uint8Array(32),
        type: "a",
        json: text.length,
      });
      const start = payload.slice(0, 1 + 32 + 3);
      const words = new TextEncoder().encode(text);
      return Uint8Array.from([...start, words.length >> 8, words.length & 255, ...words]);
    };
    expect(decodePayload("content", encoded('{"a":[1]}'))).toMatchObject({ json: { a: [1] } });
    for (const text of [
      '{"a": [1]}',
      '{"b":1,"a":1}',
      '{"a":1,"a":1}',
      '{"a":1.0}',
      '{"a":-0}',
      '{"a":1e400}',
      '"\\u0041"',
      '{"e\u0301":1}',
      "[[[[[[[[[1]]]]]]]]]",
      "",
      "undefined",
    ]) {
      expect(() => decodePayload("content", encoded(text))).toThrow(refused);
    }
  });

  it("a value that is one in NFC arrives as what was sent", () => {
    fc.assert(
      fc.property(json, (value) => {
        const payload: Payload = { kind: "structured", reply: new Uint8Array(32), type: "a", json: value };
        const text = canonicalJson(value);
        if (text.length > 8000) return;
        expect(decodePayload("content", encodePayload(payload))).toEqual(payload);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
