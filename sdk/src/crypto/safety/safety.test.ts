import { describe, expect, it } from "vitest";
import { type Bytes, fromBase64url, toBase64url } from "../bytes/index.ts";
import { createSuite } from "../suite/index.ts";
import { encodeIdentity, type Known, safetyNumber, scanIdentity } from "./index.ts";

const suite = createSuite();
const known = (seq: number): Known => ({
  user: suite.random(16),
  root: suite.random(32),
  head: { seq, hash: suite.random(32) },
});
const [ada, ben, eve] = [known(3), known(5), known(1)] as [Known, Known, Known];

describe("the safety number", () => {
  it("is sixty digits, the same on both phones", async () => {
    const number = await safetyNumber(suite, ada, ben);
    expect(number).toMatch(/^\d{60}$/);
    expect(await safetyNumber(suite, ben, ada)).toBe(number);
  });

  it("changes with a root or a user that the server put in another's place", async () => {
    const numbers = await Promise.all([
      safetyNumber(suite, ada, ben),
      safetyNumber(suite, ada, { ...ben, root: eve.root }),
      safetyNumber(suite, ada, { ...ben, user: eve.user }),
    ]);
    expect(new Set(numbers).size).toBe(3);
  });
});

describe("the identity's QR code", () => {
  const code = encodeIdentity(ben, ada);

  it("that ben shows and ada scans tells ada what ben has verified", () => {
    expect(scanIdentity(code, ada, ben)).toEqual({ own: ada, their: ben });
    const behind = { ...ben, head: { seq: 2, hash: suite.random(32) } };
    expect(scanIdentity(code, ada, behind).their.head.seq).toBe(5);
    expect(code.length).toBe(248);
  });

  it("of another root or user on either side is refused, as is ada's own", () => {
    const root = suite.random(32);
    const tries: [string, Known, Known][] = [
      [code, ada, { ...ben, root }],
      [code, { ...ada, root }, ben],
      [code, ada, eve],
      [encodeIdentity(ada, ben), ada, ben],
    ];
    for (const given of tries) {
      expect(() => scanIdentity(...given)).toThrow(expect.objectContaining({ code: "CRYPTO_OPEN_FAILED" }));
    }
  });

  it("that is none, is cut, has another version or a byte more is refused", () => {
    const body = code.slice("trackit-id:1:".length);
    const longer = toBase64url(Uint8Array.from([...fromBase64url(body), 0]) as Bytes);
    for (const text of [
      "",
      body,
      `trackit-id:2:${body}`,
      code.slice(0, -1),
      `trackit-id:1:${longer}`,
      `${code}=`,
    ]) {
      expect(() => scanIdentity(text, ada, ben)).toThrow(
        expect.objectContaining({ code: "CRYPTO_OPEN_FAILED" }),
      );
    }
  });
});
