/** Fixed keys and contents, as only tests have them: those of tests/vectors. */
import { type Bytes, concat, fromHex, utf8 } from "../../../sdk/src/crypto/bytes/index.ts";
import { recoveryKeys } from "../../../sdk/src/crypto/recovery/index.ts";
import type { SigningKeys, Suite, WrapKeys } from "../../../sdk/src/crypto/suite/index.ts";
import pkcs8 from "../../vectors/keys.json" with { type: "json" };
import vectors from "../../vectors/rsa-aes-1.json" with { type: "json" };

export { vectors };

const { scalar, publicKey, wrapKey } = vectors.devices.find(({ name }) => name === vectors.wrapped.to) ?? {
  scalar: "",
  publicKey: "",
  wrapKey: "",
};
export const spki = wrapKey;
export const point = publicKey;

export async function fixedWrapKeys(suite: Suite): Promise<WrapKeys> {
  const bytes = Uint8Array.from(atob(pkcs8["ada.phone"]), (letter) => letter.charCodeAt(0));
  const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
  const usages: KeyUsage[] = ["decrypt", "unwrapKey"];
  const privateKey = await suite.subtle.importKey("pkcs8", bytes, algorithm, false, usages);
  return { publicKey: fromHex(spki), privateKey };
}

/** A scalar with its point is what a recovery code is. */
export const fixedSigningKeys = (suite: Suite): Promise<SigningKeys> =>
  recoveryKeys(suite, fromHex(scalar), fromHex(point));

/** The content that a seed of the vectors stands for. */
export async function seeded(suite: Suite, seed: string, length: number): Promise<Bytes> {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) =>
    suite.sha256(utf8(`${seed}#${at}`)),
  );
  return concat(...(await Promise.all(blocks))).subarray(0, length);
}

/** The content of the files that runtimes exchange. */
export const contentOf = (size: number): Bytes =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255);
