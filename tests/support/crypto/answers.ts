/** The known answers of tests/vectors, asked of whatever WebCrypto is given. Runs in every runtime. */
import { fromHex, pad, unpad } from "../../../sdk/src/crypto/bytes/index.ts";
import { openBytes, sealBytes } from "../../../sdk/src/crypto/chunked/index.ts";
import { openStream, sealStream } from "../../../sdk/src/crypto/chunked/streams.ts";
import { encodeFileInfo } from "../../../sdk/src/crypto/file/index.ts";
import { doorToken, readFragment, unlock } from "../../../sdk/src/crypto/link/index.ts";
import { backupKey, readRecoveryCode, recoveryKeys } from "../../../sdk/src/crypto/recovery/index.ts";
import { safetyNumber } from "../../../sdk/src/crypto/safety/index.ts";
import { isSigningKey, isWrapKey, type Suite } from "../../../sdk/src/crypto/suite/index.ts";
import { hkdf } from "../../../sdk/src/crypto/suite/kdf.ts";
import { TAGS, type Tag, tagged } from "../../../sdk/src/crypto/tags.ts";
import { collect, equals, refuses } from "./expect.ts";
import { fixedSigningKeys, fixedWrapKeys, point, seeded, spki, vectors } from "./fixed.ts";

export type Scenario = (suite: Suite) => Promise<void>;

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const zeros = (length: number) => new Uint8Array(length);

export const answers: Record<string, Scenario> = {
  async "H, MAC, Expand and HKDF"(suite) {
    const { hash, mac } = vectors;
    equals(await suite.hash(hash.tag as Tag, fromHex(hash.x)), hash.is);
    const key = await suite.hmacKey(fromHex(mac.key));
    equals(await suite.mac(key, tagged(mac.tag as Tag, fromHex(mac.x))), mac.is);
    for (const { key: raw, info, length, is } of vectors.expand) {
      equals(await suite.expand(await suite.hmacKey(fromHex(raw)), fromHex(info), length), is);
    }
    // RFC 5869 §A.3: no salt, no info.
    const input = { secret: fromHex("0b".repeat(22)), salt: zeros(0), info: zeros(0), length: 42 };
    const okm = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    equals(await hkdf(suite.subtle, "SHA-256", input), okm);
  },

  async "signatures, and high_s"(suite) {
    const { publicKey, id, hash, is } = vectors.signature;
    const about = [fromHex(hash), fromHex(id)] as const;
    equals(await suite.verify(fromHex(publicKey), fromHex(is), TAGS.messageSig, ...about), true);
    equals(await suite.verify(fromHex(publicKey), fromHex(is), TAGS.grantSig, ...about), false);
    const high = (N - BigInt(`0x${is.slice(64)}`)).toString(16).padStart(64, "0");
    equals(
      await suite.verify(fromHex(publicKey), fromHex(is.slice(0, 64) + high), TAGS.messageSig, ...about),
      false,
    );
  },

  async "wraps, and secret_length_31_33_64"(suite) {
    const { label, secret, is } = vectors.wrapped;
    const { privateKey, publicKey } = await fixedWrapKeys(suite);
    equals(await suite.unwrapBytes(privateKey, fromHex(is), fromHex(label)), secret);
    const unwrapped = await suite.unwrap(privateKey, fromHex(is), fromHex(label));
    equals(await suite.mac(unwrapped), await suite.mac(await suite.hmacKey(fromHex(secret))));
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const key = await suite.subtle.importKey("spki", publicKey, algorithm, true, ["encrypt"]);
    for (const length of [0, 31, 33, 64]) {
      const oaep = { name: "RSA-OAEP", label: fromHex(label) };
      const forged = new Uint8Array(await suite.subtle.encrypt(oaep, key, zeros(length)));
      await refuses(() => suite.unwrap(privateKey, forged, fromHex(label)));
      await refuses(() => suite.unwrapBytes(privateKey, forged, fromHex(label)));
      await refuses(() => suite.hmacKey(zeros(length)), "USAGE_INVALID");
    }
  },

  async "chunked encryption, at once and as a stream"(suite) {
    for (const { key: raw, context, salt, seed, length, hash } of vectors.sealed) {
      const about = [await suite.hmacKey(fromHex(raw)), fromHex(context)] as const;
      const plain = await seeded(suite, seed, length);
      const sealed = await sealBytes(suite, ...about, plain, fromHex(salt));
      equals(await suite.hash(TAGS.file, sealed), hash);
      equals(await openBytes(suite, ...about, sealed), plain);
      equals(await collect(openStream(suite, ...about, new Blob([sealed]).stream())), plain);
      await refuses(() => openBytes(suite, ...about, sealed.subarray(0, -1)));
      const streamed = await collect(sealStream(suite, ...about, new Blob([plain]).stream()));
      equals(await openBytes(suite, ...about, streamed), plain);
    }
  },

  async padding() {
    for (const { length, padded } of vectors.pad) {
      equals(pad(zeros(length)).length, padded);
      equals(unpad(pad(zeros(length))), zeros(length));
    }
  },

  async "share links with and without a password, by Argon2id"(suite) {
    for (const { password, fragment, access, door, accessHash, doorHash, body, info } of vectors.links) {
      const link = readFragment(fragment);
      const unlocked = await unlock(suite, link, password === null ? {} : { password });
      equals(unlocked.access, access);
      equals(unlocked.door, door);
      equals(await doorToken(suite, link), door);
      equals(await suite.hash(TAGS.linkToken, unlocked.access), accessHash);
      equals(await suite.hash(TAGS.linkToken, unlocked.door), doorHash);
      equals(encodeFileInfo(await unlocked.open(fromHex(body))), info);
      await refuses(() => unlocked.open(fromHex(body).subarray(1)));
    }
  },

  async "safety numbers"(suite) {
    const [ada, ben] = vectors.people.map(({ user, root }) => ({ user: fromHex(user), root: fromHex(root) }));
    if (!ada || !ben) throw new Error("the vectors have no two people");
    equals(await safetyNumber(suite, ada, ben), vectors.safety.number);
    equals(await safetyNumber(suite, ben, ada), vectors.safety.number);
  },

  async "recovery codes"(suite) {
    const { code, publicKey, backupKey: backup } = vectors.recovery;
    const [ada] = vectors.people;
    const scalar = await readRecoveryCode(suite, code.toLowerCase().replace(/.{4}/g, "$& "));
    equals(await backupKey(suite, scalar, fromHex(ada?.user ?? ""), fromHex(ada?.root ?? "")), backup);
    const keys = await recoveryKeys(suite, scalar, fromHex(publicKey));
    const signature = await suite.sign(keys, TAGS.deviceEntrySig, zeros(32), zeros(16));
    equals(await suite.verify(keys.publicKey, signature, TAGS.deviceEntrySig, zeros(32), zeros(16)), true);
    await refuses(() => recoveryKeys(suite, scalar, fromHex(point)));
    await refuses(
      () => readRecoveryCode(suite, code.replace(/.$/, code.endsWith("0") ? "1" : "0")),
      "USAGE_INVALID",
    );
  },

  async weak_keys(suite) {
    equals(isWrapKey(fromHex(spki)), true);
    const exponents = ["0203000001", "0203000003"].map((e) => spki.slice(0, -10) + e);
    for (const key of [...exponents, `${spki}00`, spki.slice(0, -2), ""]) {
      equals(isWrapKey(fromHex(key)), false);
      await refuses(() => suite.wrap(fromHex(key), zeros(32), zeros(0)), "USAGE_INVALID");
    }
    const keys = await fixedSigningKeys(suite);
    const signature = await suite.sign(keys, TAGS.commitSig, zeros(32), zeros(16));
    equals(await suite.verify(fromHex(point), signature, TAGS.commitSig, zeros(32), zeros(16)), true);
    const [x, y] = [point.slice(2, 66), point.slice(66)];
    const offCurve = `04${x}${y.slice(0, -1)}${y.endsWith("0") ? 1 : 0}`;
    for (const key of [
      offCurve,
      `06${x}${y}`,
      `07${x}${y}`,
      `02${x}`,
      `03${x}`,
      `04${"00".repeat(64)}`,
      "00",
      "",
    ]) {
      equals(isSigningKey(fromHex(key)), false);
      // Signed by the same private key under this form of the public one.
      const own = await suite.sign(
        { ...keys, publicKey: fromHex(key) },
        TAGS.commitSig,
        zeros(32),
        zeros(16),
      );
      equals(await suite.verify(fromHex(key), own, TAGS.commitSig, zeros(32), zeros(16)), false);
      equals(await suite.verify(fromHex(key), signature, TAGS.commitSig, zeros(32), zeros(16)), false);
    }
  },
};
