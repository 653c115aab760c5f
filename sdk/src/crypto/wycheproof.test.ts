/** The vectors of C2SP/wycheproof through our own wrappers, where they lie beside the project. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../node/crypto.ts";
import { type Bytes, concat, fromHex, toHex } from "./bytes/index.ts";
import {
  CHUNK,
  createOpener,
  createSealer,
  HEADER,
  offsetOf,
  openBytes,
  plainLength,
} from "./chunked/index.ts";
import { openStream } from "./chunked/streams.ts";
import { importVerifier, verifyData } from "./suite/ecdsa.ts";
import { importAes, openGcm, sealGcm } from "./suite/gcm.ts";
import { createSuite } from "./suite/index.ts";
import { type HashName, hkdf } from "./suite/kdf.ts";
import { isLowS } from "./suite/keys.ts";
import { decryptOaep } from "./suite/rsa.ts";

const folder = path.resolve(import.meta.dirname, "../../../../shared/vectors/wycheproof");
const failure = { code: "CRYPTO_OPEN_FAILED" };

interface Test {
  tcId: number;
  comment: string;
  result: "valid" | "invalid" | "acceptable";
  flags?: string[];
  msgLength?: number;
}
type Texts<Names extends string> = Record<Names, string>;

/** Every test of a file with the head of its group. */
function load<Head, Names extends string>(name: string): (Head & Test & Texts<Names>)[] {
  const { testGroups } = JSON.parse(readFileSync(path.join(folder, `${name}_test.json`), "utf8")) as {
    testGroups: { tests: (Test & Texts<Names>)[] }[];
  };
  return testGroups.flatMap(({ tests, ...head }) => tests.map((test) => ({ ...(head as Head), ...test })));
}

/** What a vector is called, and whether the wrapper must take it. */
const label = ({ tcId, comment }: Test) => `${tcId} ${comment}`;
const outcome = (run: Promise<unknown>) =>
  run.then(
    () => "taken",
    (error: { code?: string }) => `refused with ${error.code}`,
  );
const expected = (taken: boolean) => (taken ? "taken" : "refused with CRYPTO_OPEN_FAILED");

function vectors(crypto: Crypto) {
  const suite = createSuite(crypto);
  const { subtle } = suite;

  it("AES-256-GCM: what our wrapper can be given (12-byte nonce, no additional data) opens or does not, as told", async () => {
    type Head = { ivSize: number; keySize: number };
    const all = load<Head, "key" | "iv" | "aad" | "msg" | "ct" | "tag">("aes_gcm");
    const ours = all.filter(({ ivSize, keySize, aad }) => ivSize === 96 && keySize === 256 && aad === "");
    expect(ours.length).toBe(48);
    for (const test of ours) {
      const key = await importAes(subtle, fromHex(test.key));
      const sealed = fromHex(test.ct + test.tag);
      const opened = openGcm(subtle, key, fromHex(test.iv), sealed);
      expect([label(test), await outcome(opened)]).toEqual([label(test), expected(test.result === "valid")]);
      if (test.result !== "valid") continue;
      expect(toHex(await opened)).toBe(test.msg);
      const again = await sealGcm(subtle, key, fromHex(test.iv), fromHex(test.msg));
      expect(toHex(again)).toBe(test.ct + test.tag);
    }
  });

  it.each(["SHA-256", "SHA-512"] as HashName[])(
    "HKDF with %s: the same bytes, and no more than 255 blocks",
    async (hash) => {
      type Names = "ikm" | "salt" | "info" | "okm";
      const all = load<{ size: number }, Names>(`hkdf_${hash.toLowerCase().replace("-", "")}`);
      expect(all.length).toBeGreaterThan(80);
      for (const { ikm, salt, info, size, okm, result, ...test } of all) {
        const derived = hkdf(subtle, hash, {
          secret: fromHex(ikm),
          salt: fromHex(salt),
          info: fromHex(info),
          length: size,
        });
        if (result === "valid")
          expect([label({ ...test, result }), toHex(await derived)]).toEqual([
            label({ ...test, result }),
            okm,
          ]);
        else await expect(derived).rejects.toMatchObject({ code: "USAGE_INVALID" });
      }
    },
  );

  it("ECDSA on P-256: valid ones with a low s are taken, those with a high s and all others are not", async () => {
    type Head = { publicKey: { uncompressed: string } };
    const all = load<Head, "msg" | "sig">("ecdsa_secp256r1_sha256_p1363");
    let [low, high] = [0, 0];
    for (const test of all) {
      const signature = fromHex(test.sig);
      const valid = test.result === "valid";
      const taken = await verifyData(
        subtle,
        importVerifier(subtle, fromHex(test.publicKey.uncompressed)),
        signature,
        fromHex(test.msg),
      );
      expect([label(test), taken]).toEqual([label(test), valid && isLowS(signature)]);
      if (taken) low++;
      else if (valid) high++;
    }
    expect([low + high, low > 50, high > 10]).toEqual([173, true, true]);
  });

  it("RSA-OAEP-3072 with SHA-256: the same bytes; as a wrapped secret only 32 of them", async () => {
    type Head = { privateKeyPkcs8: string };
    const all = load<Head, "msg" | "ct" | "label">("rsa_oaep_3072_sha256_mgf1sha256");
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    for (const test of all) {
      const pkcs8 = fromHex(test.privateKeyPkcs8);
      const key = await subtle.importKey("pkcs8", pkcs8, algorithm, false, ["decrypt", "unwrapKey"]);
      const [sealed, about] = [fromHex(test.ct), fromHex(test.label ?? "")];
      const bytes = decryptOaep(subtle, key, sealed, about);
      const valid = test.result === "valid";
      expect([label(test), await outcome(bytes)]).toEqual([label(test), expected(valid)]);
      if (valid) expect(toHex(await bytes)).toBe(test.msg);
      const secret = expected(valid && test.msg.length === 64);
      expect([label(test), await outcome(suite.unwrap(key, sealed, about))]).toEqual([label(test), secret]);
      expect([label(test), await outcome(suite.unwrapBytes(key, sealed, about))]).toEqual([
        label(test),
        secret,
      ]);
    }
  });

  describe("chunked encryption (Cobblestone-256)", () => {
    type Names = "key" | "ctx" | "ct" | "aeadKey" | "baseNonce" | "msgSha512";
    const all = existsSync(folder) ? load<object, Names>("c2sp_chunked_encryption_aes_256_gcm") : [];
    const pieces = async function* (bytes: Bytes) {
      for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
    };

    it.each(all.map((test) => [label(test), test] as const))("%s", async (_name, test) => {
      const [raw, context] = [fromHex(test.key), fromHex(test.ctx)];
      const sealed: Bytes = new Uint8Array(inflateSync(fromHex(test.ct)));
      if (raw.length !== 32) {
        await expect(suite.hmacKey(raw)).rejects.toMatchObject({ code: "USAGE_INVALID" });
        return;
      }
      const key = await suite.hmacKey(raw);
      const whole = openBytes(suite, key, context, sealed);
      expect(await outcome(whole)).toBe(expected(test.result === "valid"));

      const released: Bytes[] = [];
      const streamed = (async () => {
        for await (const piece of openStream(suite, key, context, pieces(sealed))) released.push(piece);
      })();
      expect(await outcome(streamed)).toBe(expected(test.result === "valid"));
      const plain = concat(...released);
      expect(plain.length).toBe(test.msgLength ?? 0);
      if (test.msgSha512) expect(toHex(await suite.sha512(plain))).toBe(test.msgSha512);

      if (test.result === "valid") {
        expect(toHex(await suite.sha512(await whole))).toBe(test.msgSha512);
        const again = await createSealer(suite, key, context, sealed.subarray(0, 24));
        expect(toHex(again.header)).toBe(toHex(sealed.subarray(0, HEADER)));
        const chunk = await again.seal(0, plain.subarray(0, CHUNK));
        expect(toHex(chunk)).toBe(toHex(sealed.subarray(HEADER, offsetOf(1))));
      }
      if (test.flags?.includes("ValidFinalChunk")) {
        const size = plainLength(sealed.length);
        const last = Math.floor(size / CHUNK);
        const opener = await createOpener(suite, key, context, sealed.subarray(0, HEADER));
        await opener.open(last, sealed.subarray(offsetOf(last)), size % CHUNK);
        await expect(whole).rejects.toMatchObject(failure);
      }
    });
  });
}

if (existsSync(folder)) {
  const each: [string, Crypto][] = [
    ["the runtime", globalThis.crypto],
    ["nodeCrypto", nodeCrypto],
  ];
  describe.each(each)("Wycheproof by WebCrypto of %s", (_, crypto) => vectors(crypto));
} else it(`Wycheproof's vectors are not at ${folder}: nothing of them was checked in this run`, () => {});
