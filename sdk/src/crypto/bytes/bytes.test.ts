import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Bytes,
  concat,
  equal,
  fromBase32,
  fromBase64url,
  fromHex,
  fromUtf8,
  opening,
  pad,
  padme,
  Reader,
  release,
  toBase32,
  toBase64url,
  toHex,
  unpad,
  utf8,
  Writer,
} from "./index.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const failure = expect.objectContaining({ code: "CRYPTO_OPEN_FAILED" });
const bytes = (most = 64) => fc.uint8Array({ maxLength: most }).map((some) => new Uint8Array(some));
const check = (property: fc.IRawProperty<unknown>, numRuns = 500) => fc.assert(property, { seed, numRuns });

describe("Writer and Reader", () => {
  it("write integers big-endian and of their width, and read them back", () => {
    const written = new Writer().u8(0xfe).u16(0xfedc).u32(0xfedcba98).u64(0x1fedcba9876543).done();
    expect(toHex(written)).toBe("fefedcfedcba98001fedcba9876543");
    const reader = new Reader(written);
    expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([
      0xfe, 0xfedc, 0xfedcba98, 0x1fedcba9876543,
    ]);
    reader.end();
  });

  it.each([
    ["u8", 256],
    ["u8", -1],
    ["u16", 65_536],
    ["u32", 2 ** 32],
    ["u32", 1.5],
    ["u64", 2 ** 53],
    ["u64", Number.NaN],
  ] as const)("%s refuses %d", (name, value) => {
    expect(() => new Writer()[name](value)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
  });

  it(`decode what was encoded, whole and nothing else (SEED=${seed})`, () => {
    const fields = fc.tuple(fc.nat(), bytes(), fc.string({ unit: "grapheme" }), fc.maxSafeNat());
    const encode = ([a, b, c, d]: [number, Uint8Array, string, number]) =>
      new Writer().u32(a).bytes16(b).text16(c).u64(d).done();
    const decode = (from: Uint8Array) => {
      const reader = new Reader(from);
      const read = [reader.u32(), reader.bytes16(), reader.text16(), reader.u64()];
      reader.end();
      return read;
    };
    check(
      fc.property(fields, (value) => {
        const encoded = encode(value);
        const [a, b, c, d] = value;
        expect(decode(encoded)).toEqual([a, b, c.normalize(), d]);
        expect(() => decode(concat(encoded, Uint8Array.of(0)))).toThrow(failure);
        expect(() => decode(encoded.subarray(0, -1))).toThrow(failure);
      }),
    );
  });

  it("refuse a number that a number cannot hold, a length over the limit, and what is not there", () => {
    expect(() => new Reader(fromHex("0020000000000000")).u64()).toThrow(failure);
    expect(() => new Reader(fromHex("000401020304")).bytes16(3)).toThrow(failure);
    expect(() => new Reader(new Uint8Array(3)).fixed(4)).toThrow(failure);
    expect(() => new Writer().fixed(new Uint8Array(3), 4)).toThrow("3 bytes, wanted 4 bytes");
  });

  it("read copies: what is read does not change with the input", () => {
    const input = fromHex("0102");
    const read = new Reader(input).fixed(2);
    input.fill(9);
    expect(toHex(read)).toBe("0102");
  });
});

describe("text", () => {
  it("is NFC in UTF-8: an é of two signs and one of one sign are the same bytes", () => {
    expect(toHex(utf8("e\u0301"))).toBe(toHex(utf8("é")));
    expect(fromUtf8(utf8("\ufeffé"))).toBe("\ufeffé");
  });

  it("that is no NFC, broken UTF-8 or half a pair is refused", () => {
    for (const wrong of ["65cc81", "ff", "eda080", "c080", "f4908080"]) {
      expect(() => fromUtf8(fromHex(wrong))).toThrow(failure);
    }
    expect(() => utf8("a\ud800")).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
  });
});

describe("hex, base64url and base32", () => {
  it(`give back the bytes that they were given (SEED=${seed})`, () => {
    check(
      fc.property(bytes(), (some) => {
        expect(fromHex(toHex(some))).toEqual(some);
        expect(fromBase64url(toBase64url(some))).toEqual(some);
        expect(fromBase32(toBase32(some), some.length * 8)).toEqual(some);
        expect(toBase64url(some)).toBe(Buffer.from(some).toString("base64url"));
      }),
    );
  });

  it.each(["0", "0g", "AB", "0 ", "\n00"])("fromHex refuses %j", (text) => {
    expect(() => fromHex(text)).toThrow(failure);
  });

  it.each(["A", "AB=", "AB==", "A+", "A/", "AB", "AAB", "A A", "é"])("fromBase64url refuses %j", (text) => {
    expect(() => fromBase64url(text)).toThrow(failure);
  });

  it("base32 is Crockford's, read as people type it", () => {
    const code = fromHex("0123456789abcdef");
    expect(toBase32(code)).toBe("04HMASW9NF6YY");
    expect(fromBase32("04hm-asw9 nf6yy", 64)).toEqual(code);
    expect(fromBase32("o4HMASW9NF6YY", 64)).toEqual(code);
    expect(fromBase32("IL", 10)).toEqual(fromBase32("11", 10));
  });

  it("base32 refuses U, a sign too many or too few, and fillers that are not zero", () => {
    for (const text of [
      "U4HMASW9NF6YY",
      "04HMASW9NF6Y",
      "04HMASW9NF6YYY",
      "04HMASW9NF6YZ",
      "",
      "04HMASW9NF6Yé",
    ]) {
      expect(() => fromBase32(text, 64)).toThrow(failure);
    }
  });

  it("base32 of 100 bits is twenty letters", () => {
    const code = fromBase32("ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ", 100);
    expect(toHex(code)).toBe("fffffffffffffffffffffffff0");
    expect(toBase32(code, 100)).toBe("Z".repeat(20));
  });
});

describe("padding", () => {
  it.each([
    [1, 1],
    [9, 10],
    [256, 256],
    [257, 272],
    [1000, 1024],
    [65_537, 67_584],
  ])("Padmé of %d is %d", (length, wanted) => {
    expect(padme(length)).toBe(wanted);
  });

  it(`costs less than 12 % and is idempotent (SEED=${seed})`, () => {
    const length = fc.integer({ min: 16, max: 2 ** 31 - 1 });
    check(
      fc.property(length, (some) => {
        const longer = padme(some);
        expect(longer).toBeGreaterThanOrEqual(some);
        expect(longer).toBeLessThan(some * 1.12);
        expect(padme(longer)).toBe(longer);
      }),
    );
  });

  it(`comes off again, and no other filler, length or end is taken (SEED=${seed})`, () => {
    check(
      fc.property(bytes(2000), fc.nat(), (payload, at) => {
        const padded = pad(payload);
        expect(padded.length).toBeGreaterThanOrEqual(256);
        expect(unpad(padded)).toEqual(payload);
        expect(() => unpad(concat(padded, Uint8Array.of(0)))).toThrow(failure);
        expect(() => unpad(padded.subarray(0, -1))).toThrow(failure);
        const filler = padded.length - payload.length - 4;
        if (filler > 0)
          expect(() => unpad(flipped(padded, 4 + payload.length + (at % filler)))).toThrow(failure);
      }),
    );
  });
});

describe("equal", () => {
  it(`is true for the same bytes alone (SEED=${seed})`, () => {
    check(
      fc.property(bytes(), fc.nat(), (some, at) => {
        expect(equal(some, some.slice())).toBe(true);
        expect(equal(some, concat(some, Uint8Array.of(0)))).toBe(false);
        if (some.length > 0) expect(equal(some, flipped(some, at % some.length))).toBe(false);
      }),
    );
    expect(equal(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});

it("opening() tells nothing of what went wrong inside", async () => {
  const secret = new Error("the tag of chunk 3 is wrong");
  const error = await opening(() => Promise.reject(secret)).catch((thrown: unknown) => thrown);
  expect(error).toEqual(failure);
  expect((error as Error).cause).toBeUndefined();
  expect(JSON.stringify(error)).not.toContain("chunk");
});

function flipped(some: Uint8Array, at: number): Bytes {
  const changed = some.slice() as Bytes;
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

describe("bytes that are given back", () => {
  it("are gone at once, with the whole of their buffer, and more of them later", () => {
    for (const all of [[Uint8Array.of(1, 2), Uint8Array.of(3)], [Uint8Array.of(4)], []]) {
      release(all);
      expect(all.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual(all.map(() => [0, 0]));
    }
  });
});
