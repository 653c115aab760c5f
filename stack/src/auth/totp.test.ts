import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base32, hotp, newTotpSecret, totpStep, totpUri } from "./totp.ts";

/** RFC 4226, appendix D: the secret "12345678901234567890". */
const SECRET = base32(Buffer.from("12345678901234567890"));

describe("one-time passwords", () => {
  it("are those of RFC 4226", () => {
    const codes = [
      "755224",
      "287082",
      "359152",
      "969429",
      "338314",
      "254676",
      "287922",
      "162583",
      "399871",
      "520489",
    ];
    expect(codes.map((_, counter) => hotp(SECRET, counter))).toEqual(codes);
  });

  it("are those of RFC 6238, cut to six digits", () => {
    expect(hotp(SECRET, Math.floor(59 / 30))).toBe("287082");
    expect(hotp(SECRET, Math.floor(1_111_111_109 / 30))).toBe("081804");
    expect(hotp(SECRET, Math.floor(20_000_000_000 / 30))).toBe("353130");
  });

  it("count one step to either side of now, each once", () => {
    const now = 1_000_000 * 30_000;
    expect([-2, -1, 0, 1, 2].map((d) => totpStep(SECRET, hotp(SECRET, 1_000_000 + d), -1, now))).toEqual([
      null,
      999_999,
      1_000_000,
      1_000_001,
      null,
    ]);
    expect(totpStep(SECRET, hotp(SECRET, 1_000_000), 1_000_000, now)).toBeNull();
    expect(totpStep(SECRET, "", -1, now)).toBeNull();
  });
});

describe("base32", () => {
  it.each([
    ["", ""],
    ["f", "MY"],
    ["fo", "MZXQ"],
    ["foo", "MZXW6"],
    ["foobar", "MZXW6YTBOI"],
  ])("of %j is %j (RFC 4648, without padding)", (text, encoded) => {
    expect(base32(Buffer.from(text))).toBe(encoded);
  });

  it("keeps eight bits of five letters' forty", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(base32(bytes)).toHaveLength(Math.ceil((bytes.length * 8) / 5));
      }),
    );
  });
});

it("a secret has 160 bits and goes whole into the QR code's address", () => {
  const secret = newTotpSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const uri = new URL(totpUri(secret, "Track It & Co", "ada@example.com"));
  expect(uri.searchParams.get("secret")).toBe(secret);
  expect(uri.searchParams.get("issuer")).toBe("Track It & Co");
});
