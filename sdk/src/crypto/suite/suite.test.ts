import { describe, expect, it } from "vitest";
import { type Bytes, fromHex, toHex } from "../bytes/index.ts";
import { TAGS } from "../tags.ts";
import { createSuite, isScalar, isSigningKey, isWrapKey } from "./index.ts";
import { isLowS, toLowS } from "./keys.ts";

const suite = createSuite();
const failure = { code: "CRYPTO_OPEN_FAILED" };
const misuse = { code: "USAGE_INVALID" };
const zeros = (length: number): Bytes => new Uint8Array(length);
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const wrapKeys = await suite.makeWrapKeys();
const label = suite.random(32);

/** A copy with one byte set. */
const changed = (bytes: Uint8Array, at: number, value: number): Bytes =>
  Uint8Array.from(bytes, (byte, index) => (index === at ? value : byte));
/** The same signature with the other of its two s. */
function otherS(signature: Uint8Array): Bytes {
  const s = N - BigInt(`0x${toHex(signature.subarray(32))}`);
  return fromHex(toHex(signature.subarray(0, 32)) + s.toString(16).padStart(64, "0"));
}

describe("hashes and derived keys", () => {
  it("H puts the tag and a zero before what it hashes", async () => {
    const expected = await suite.sha256(new TextEncoder().encode("trackit/1/commit\0abc"));
    expect(toHex(await suite.hash(TAGS.commit, fromHex("61"), fromHex("6263")))).toBe(toHex(expected));
    expect(toHex(await suite.hash(TAGS.message, fromHex("616263")))).not.toBe(toHex(expected));
  });

  it("secret_length_31_33_64: a key of another length than 32 bytes is none", async () => {
    for (const length of [0, 31, 33, 64]) {
      await expect(suite.hmacKey(zeros(length))).rejects.toMatchObject(misuse);
    }
    const key = await suite.hmacKey(zeros(32));
    expect(key).toMatchObject({ extractable: false, algorithm: { name: "HMAC", length: 256 } });
  });

  it("expandKey is a key of the expanded bytes; another info gives another", async () => {
    const root = await suite.hmacKey(suite.random(32));
    const [one, other] = [fromHex("01"), fromHex("02")];
    const direct = await suite.hmacKey(await suite.expand(root, one, 32));
    const mac = await suite.mac(await suite.expandKey(root, one), label);
    expect(await suite.checkMac(direct, mac, label)).toBe(true);
    expect(await suite.checkMac(await suite.expandKey(root, other), mac, label)).toBe(false);
    expect(await suite.checkMac(direct, changed(mac, 63, (mac[63] ?? 0) ^ 1), label)).toBe(false);
    expect(await suite.checkMac(direct, mac.subarray(0, 32), label)).toBe(false);
  });

  it("a page without crypto.subtle is told so", () => {
    expect(() => createSuite({} as Crypto)).toThrow(
      expect.objectContaining({ code: "CRYPTO_INSECURE_CONTEXT" }),
    );
  });
});

describe("signatures", () => {
  const [hash, ada] = [suite.random(32), suite.random(16)];

  it("ada's is taken for what ada signed, and for nothing else", async () => {
    const keys = await suite.makeSigningKeys();
    const signature = await suite.sign(keys, TAGS.commitSig, hash, ada);
    const verify = suite.verify;
    expect(await verify(keys.publicKey, signature, TAGS.commitSig, hash, ada)).toBe(true);
    expect(await verify(keys.publicKey, signature, TAGS.grantSig, hash, ada)).toBe(false);
    expect(await verify(keys.publicKey, signature, TAGS.commitSig, suite.random(32), ada)).toBe(false);
    expect(await verify(keys.publicKey, signature, TAGS.commitSig, hash, suite.random(16))).toBe(false);
    const eve = await suite.makeSigningKeys();
    expect(await verify(eve.publicKey, signature, TAGS.commitSig, hash, ada)).toBe(false);
  });

  it("no flipped bit and no cut or added byte is taken", async () => {
    const keys = await suite.makeSigningKeys();
    const signature = await suite.sign(keys, TAGS.commitSig, hash, ada);
    const wrong = [
      ...Array.from(signature, (byte, at) => changed(signature, at, byte ^ (1 << (at % 8)))),
      signature.subarray(0, 63),
      fromHex(`${toHex(signature)}00`),
      zeros(0),
      zeros(64),
    ];
    const taken = wrong.map((one) => suite.verify(keys.publicKey, one, TAGS.commitSig, hash, ada));
    expect(await Promise.all(taken)).toEqual(wrong.map(() => false));
  });

  it("high_s: the other s of the same signature is refused, and never made", async () => {
    const keys = await suite.makeSigningKeys();
    for (let time = 0; time < 16; time++) {
      const signature = await suite.sign(keys, TAGS.commitSig, hash, ada);
      expect(isLowS(signature)).toBe(true);
      const high = otherS(signature);
      expect(isLowS(high)).toBe(false);
      expect(await suite.verify(keys.publicKey, high, TAGS.commitSig, hash, ada)).toBe(false);
      expect(toHex(toLowS(high))).toBe(toHex(signature));
    }
  });

  it("key_substitution: a key that a forger chose for a signature of ada's does not fit, since it is signed too", async () => {
    const keys = await suite.makeSigningKeys();
    const signature = await suite.sign(keys, TAGS.commitSig, hash, ada);
    const negated = fromHex(toHex(keys.publicKey)); // −Q: another point with the same x.
    const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
    const y = (p - BigInt(`0x${toHex(keys.publicKey.subarray(33))}`)).toString(16).padStart(64, "0");
    negated.set(fromHex(y), 33);
    expect(isSigningKey(negated)).toBe(true);
    expect(await suite.verify(negated, signature, TAGS.commitSig, hash, ada)).toBe(false);
  });
});

describe("wrapped secrets", () => {
  it("ben opens what was wrapped for him, as a key that does not leave and as bytes", async () => {
    const secret = suite.random(32);
    const wrapped = await suite.wrap(wrapKeys.publicKey, secret, label);
    expect(wrapped.length).toBe(384);
    expect(toHex(await suite.unwrapBytes(wrapKeys.privateKey, wrapped, label))).toBe(toHex(secret));
    const key = await suite.unwrap(wrapKeys.privateKey, wrapped, label);
    expect(toHex(await suite.mac(key, label))).toBe(
      toHex(await suite.mac(await suite.hmacKey(secret), label)),
    );
    await expect(suite.subtle.exportKey("raw", key)).rejects.toThrow();
  });

  it("secret_length_31_33_64: a forger's wrap of another length does not open", async () => {
    const rsa = { name: "RSA-OAEP", hash: "SHA-256" };
    const key = await suite.subtle.importKey("spki", wrapKeys.publicKey, rsa, true, ["encrypt"]);
    for (const length of [0, 16, 31, 33, 64, 300]) {
      const forged = await suite.subtle.encrypt({ name: "RSA-OAEP", label }, key, zeros(length));
      for (const unwrap of [suite.unwrap, suite.unwrapBytes]) {
        const opened = unwrap(wrapKeys.privateKey, new Uint8Array(forged), label);
        await expect(opened).rejects.toMatchObject(failure);
      }
      if (length !== 300)
        await expect(suite.wrap(wrapKeys.publicKey, zeros(length), label)).rejects.toMatchObject(misuse);
    }
  });

  it("do not open with another label, a changed, cut or added byte, or eve's key", async () => {
    const wrapped = await suite.wrap(wrapKeys.publicKey, zeros(32), label);
    const tries: [Uint8Array, Uint8Array][] = [
      [wrapped, suite.random(32)],
      [wrapped, zeros(0)],
      [wrapped.subarray(1), label],
      [wrapped.subarray(0, 383), label],
      [fromHex(`${toHex(wrapped)}00`), label],
      [zeros(0), label],
      ...[0, 1, 100, 383].map((at): [Uint8Array, Uint8Array] => [
        changed(wrapped, at, (wrapped[at] ?? 0) ^ 1),
        label,
      ]),
    ];
    for (const [bytes, about] of tries) {
      await expect(suite.unwrap(wrapKeys.privateKey, bytes, about)).rejects.toMatchObject(failure);
      await expect(suite.unwrapBytes(wrapKeys.privateKey, bytes, about)).rejects.toMatchObject(failure);
    }
    const eve = await suite.makeWrapKeys();
    await expect(suite.unwrap(eve.privateKey, wrapped, label)).rejects.toMatchObject(failure);
  });
});

describe("weak_keys", () => {
  it("for wrapping: e = 1 or 3, an even or a short n, another algorithm's name, a byte more or less are refused", async () => {
    const good = wrapKeys.publicKey;
    expect(isWrapKey(good)).toBe(true);
    const short = await suite.subtle.generateKey(
      { name: "RSA-OAEP", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" },
      false,
      ["encrypt", "decrypt"],
    );
    const bad = [
      fromHex(`${toHex(good.subarray(0, 417))}0203000001`),
      fromHex(`${toHex(good.subarray(0, 417))}0203000003`),
      changed(good, 33, 0x7f),
      changed(good, 416, 0xfe),
      changed(good, 14, 0x0a), // rsassaPss
      good.subarray(0, 421),
      fromHex(`${toHex(good)}00`),
      new Uint8Array(await suite.subtle.exportKey("spki", short.publicKey)),
      zeros(422),
      zeros(0),
    ];
    for (const key of bad) {
      expect(isWrapKey(key)).toBe(false);
      await expect(suite.wrap(key, zeros(32), label)).rejects.toMatchObject(misuse);
    }
    for (let at = 0; at < 33; at++) expect(isWrapKey(changed(good, at, (good[at] ?? 0) ^ 1))).toBe(false);
  });

  it("for signatures: points off the curve, at infinity, compressed or hybrid, and coordinates beyond p are refused", async () => {
    const { publicKey: good } = await suite.makeSigningKeys();
    expect(isSigningKey(good)).toBe(true);
    const parity = (good[64] ?? 0) & 1;
    const p = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    // y of x = 0: the square root of b, which is b to the power of (p + 1) / 4.
    const sqrtOfB = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";
    expect(isSigningKey(fromHex(`04${"00".repeat(32)}${sqrtOfB}`))).toBe(true);
    const bad = [
      changed(good, 64, (good[64] ?? 0) ^ 2),
      fromHex(`04${p}${sqrtOfB}`), // The point of x = 0, with p for 0.
      changed(good, 0, 6 + parity),
      fromHex(`0${2 + parity}${toHex(good.subarray(1, 33))}`),
      fromHex("00"),
      changed(zeros(65), 0, 4),
      good.subarray(0, 64),
      fromHex(`${toHex(good)}00`),
      zeros(0),
    ];
    for (const key of bad) {
      expect(isSigningKey(key)).toBe(false);
      expect(await suite.verify(key, zeros(64), TAGS.commitSig, zeros(32), zeros(16))).toBe(false);
    }
  });

  it("for signatures: who signs under another form of their own key is refused, though Node would import it", async () => {
    const keys = await suite.makeSigningKeys();
    const parity = (keys.publicKey[64] ?? 0) & 1;
    const compressed = fromHex(`0${2 + parity}${toHex(keys.publicKey.subarray(1, 33))}`);
    const forms = [keys.publicKey, compressed, changed(keys.publicKey, 0, 6 + parity)];
    const taken = forms.map(async (publicKey) => {
      const signature = await suite.sign({ ...keys, publicKey }, TAGS.commitSig, zeros(32), zeros(16));
      return suite.verify(publicKey, signature, TAGS.commitSig, zeros(32), zeros(16));
    });
    expect(await Promise.all(taken)).toEqual([true, false, false]);
  });

  it("scalars are 1 to n − 1", () => {
    const bytes = (value: bigint) => fromHex(value.toString(16).padStart(64, "0"));
    expect([0n, 1n, N - 1n, N].map((value) => isScalar(bytes(value)))).toEqual([false, true, true, false]);
    expect(isScalar(zeros(0))).toBe(false);
  });
});

it("private keys do not leave in any format", async () => {
  const { privateKey: signing } = await suite.makeSigningKeys();
  for (const key of [signing, wrapKeys.privateKey]) {
    for (const format of ["pkcs8", "jwk"] as const) {
      await expect(suite.subtle.exportKey(format as "jwk", key)).rejects.toThrow();
    }
  }
});
