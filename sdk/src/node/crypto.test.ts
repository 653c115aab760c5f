import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createTrackIt } from "../client.ts";
import { nodeCrypto } from "./crypto.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const web = globalThis.crypto;
const both = [web.subtle, nodeCrypto.subtle];
const random = (length: number) => Uint8Array.from(randomBytes(length));
const hex = (data: ArrayBuffer) => Buffer.from(data).toString("hex");

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const ECDSA = { name: "ECDSA", hash: "SHA-256" };
const aes = await web.subtle.importKey("raw", random(32), "AES-GCM", false, ["encrypt", "decrypt"]);
const macs = await Promise.all(
  ["SHA-256", "SHA-512"].map((hash) =>
    web.subtle.importKey("raw", random(32), { name: "HMAC", hash }, false, ["sign", "verify"]),
  ),
);
const signer = await web.subtle.generateKey(P256, false, ["sign", "verify"]);

/** Short and long, so that both ways of nodeCrypto are taken. */
const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(65_536, 65_537).map(random));
const gcm = fc.record({
  iv: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  additionalData: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
});
type Gcm = { iv: Uint8Array<ArrayBuffer>; additionalData: Uint8Array<ArrayBuffer> | undefined };
const gcmOf = ({ iv, additionalData }: Gcm) => ({
  ...{ name: "AES-GCM", iv },
  ...(additionalData ? { additionalData } : {}),
});

describe("nodeCrypto", () => {
  it(`gives what WebCrypto gives: ciphertexts, hashes and codes are the same bytes (SEED=${seed})`, async () => {
    const property = fc.asyncProperty(gcm, anything, async (how, data) => {
      for (const ask of [
        (subtle: SubtleCrypto) => subtle.encrypt(gcmOf(how as Gcm), aes, data as BufferSource),
        (subtle: SubtleCrypto) => subtle.digest("SHA-256", data as BufferSource),
        (subtle: SubtleCrypto) => subtle.digest({ name: "SHA-512" }, data as BufferSource),
        (subtle: SubtleCrypto) => subtle.digest("SHA-1", data as BufferSource),
        ...macs.map(
          (key) => (subtle: SubtleCrypto) => subtle.sign({ name: "HMAC" }, key, data as BufferSource),
        ),
      ]) {
        const [one, other] = await Promise.all(both.map(ask));
        expect(other).toBeInstanceOf(ArrayBuffer);
        expect(hex(other as ArrayBuffer)).toBe(hex(one as ArrayBuffer));
      }
    });
    await fc.assert(property, { seed, numRuns: 100 });
  });

  it(`opens and checks what WebCrypto made, and the other way round (SEED=${seed})`, async () => {
    const property = fc.asyncProperty(gcm, anything, async (told, plain) => {
      const how = gcmOf(told as Gcm);
      for (const [make, take] of [both, [...both].reverse()] as [SubtleCrypto, SubtleCrypto][]) {
        const sealed = await make.encrypt(how, aes, plain as BufferSource);
        expect(hex(await take.decrypt(how, aes, sealed))).toBe(Buffer.from(plain).toString("hex"));
        const signature = await make.sign(ECDSA, signer.privateKey, plain as BufferSource);
        expect(signature.byteLength).toBe(64);
        expect(await take.verify(ECDSA, signer.publicKey, signature, plain as BufferSource)).toBe(true);
      }
    });
    await fc.assert(property, { seed, numRuns: 50 });
  });

  it(`opens nothing and takes no signature that was changed, cut off or made for another (SEED=${seed})`, async () => {
    const [iv, plain] = [random(12), random(100)];
    const how = { name: "AES-GCM", iv };
    const sealed = new Uint8Array(await web.subtle.encrypt(how, aes, plain));
    const signature = new Uint8Array(await web.subtle.sign(ECDSA, signer.privateKey, plain));
    const { subtle } = nodeCrypto;
    const refusesSealed = (bytes: Uint8Array<ArrayBuffer>, asked: AesGcmParams = how) =>
      expect(subtle.decrypt(asked, aes, bytes)).rejects.toMatchObject({ name: "OperationError" });
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    const property = fc.asyncProperty(change, async ([place, bits]) => {
      const changed = (bytes: Uint8Array<ArrayBuffer>) =>
        bytes.map((byte, at) => (at === place % bytes.length ? byte ^ bits : byte));
      await refusesSealed(changed(sealed));
      await refusesSealed(sealed.subarray(0, place % sealed.length));
      await refusesSealed(sealed, { ...how, iv: changed(iv) });
      await refusesSealed(sealed, { ...how, additionalData: random(1) });
      for (const [wrong, data] of [
        [changed(signature), plain],
        [signature.subarray(0, place % 64), plain],
        [signature, changed(plain)],
      ] as const) {
        expect(await subtle.verify(ECDSA, signer.publicKey, wrong, data)).toBe(false);
      }
    });
    await fc.assert(property, { seed, numRuns: 100 });
  });

  it("refuses what WebCrypto refuses, in the same words: wrong keys, uses, nonces and algorithms", async () => {
    const [iv, data] = [random(12), random(20)];
    const reader = await web.subtle.importKey("raw", random(32), "AES-GCM", false, ["decrypt"]);
    const p384 = await web.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, false, [
      "sign",
      "verify",
    ]);
    const mac = macs[0] as CryptoKey;
    const calls: ((subtle: SubtleCrypto) => Promise<unknown>)[] = [
      (subtle) => subtle.encrypt({ name: "AES-GCM", iv }, reader, data),
      (subtle) => subtle.encrypt({ name: "AES-GCM", iv }, mac, data),
      (subtle) => subtle.encrypt({ name: "AES-GCM", iv, tagLength: 5 }, aes, data),
      (subtle) => subtle.encrypt({ name: "AES-CBC", iv }, aes, data),
      (subtle) => subtle.encrypt({ name: "AES-GCM" } as AesGcmParams, aes, data),
      (subtle) => subtle.sign("HMAC", aes, data),
      (subtle) => subtle.sign(ECDSA, signer.publicKey, data),
      (subtle) => subtle.verify(ECDSA, signer.privateKey, data, data),
      (subtle) => subtle.digest("MD5", data),
      (subtle) => subtle.exportKey("raw", aes),
    ];
    for (const call of calls) {
      const [one, other] = await Promise.all(
        both.map((subtle) =>
          (async () => call(subtle))().then(
            () => "done",
            (error: Error) => `${error.name}: ${error.message}`,
          ),
        ),
      );
      expect([one, other]).toEqual([one, one]);
      expect(one).not.toBe("done");
    }
    const other = await nodeCrypto.subtle.sign({ name: "ECDSA", hash: "SHA-384" }, p384.privateKey, data);
    expect(other.byteLength).toBe(96);
    const short = await nodeCrypto.subtle.encrypt({ name: "AES-GCM", iv, tagLength: 96 }, aes, data);
    expect(short.byteLength).toBe(32);
  });

  it("takes what it is given before it returns, and gives buffers that nobody else has", async () => {
    const [iv, plain] = [random(12), random(16_384)];
    const how = { name: "AES-GCM", iv: iv.slice() };
    const given = plain.slice();
    const sealing = nodeCrypto.subtle.encrypt(how, aes, given);
    how.iv.fill(0);
    given.fill(0);
    const sealed = await sealing;
    for (const length of [0, 1, 100, 5_000]) {
      const made = await nodeCrypto.subtle.encrypt({ name: "AES-GCM", iv }, aes, random(length));
      const opened = await nodeCrypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, made);
      const mac = await nodeCrypto.subtle.sign("HMAC", macs[1] as CryptoKey, plain);
      expect([made.byteLength, opened.byteLength, mac.byteLength]).toEqual([length + 16, length, 64]);
    }
    expect(hex(await web.subtle.decrypt({ name: "AES-GCM", iv }, aes, sealed))).toBe(
      Buffer.from(plain).toString("hex"),
    );
  });

  it("lets timers have their turn, however much is done without waiting for anything else", async () => {
    const { subtle } = nodeCrypto;
    const [data, how] = [random(65_536), { name: "AES-GCM", iv: random(12) }];
    for (const work of [
      () => subtle.encrypt(how, aes, data),
      () => subtle.sign(ECDSA, signer.privateKey, data.subarray(0, 100)),
    ]) {
      let fired = false;
      setTimeout(() => {
        fired = true;
      }, 1);
      let done = 0;
      for (; done < 20_000 && !fired; done++) await work();
      expect(fired).toBe(true);
    }
  });

  it("is what a client works with that was given it", async () => {
    const { subtle } = nodeCrypto;
    const sign = vi.fn(subtle.sign);
    const trackit = createTrackIt({
      ...{ url: "http://127.0.0.1:1", key: "sb_publishable_test" },
      fetch: async () => new Response(null, { status: 404 }),
      crypto: { ...nodeCrypto, subtle: { ...subtle, sign } },
    });
    const link = `http://127.0.0.1/s/#1.${"A".repeat(66)}`;
    await expect(trackit.shares.look(link)).rejects.toThrow();
    await trackit.close();
    expect(sign).toHaveBeenCalled();
  });
});
