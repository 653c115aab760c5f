import type { Bytes } from "../../crypto/bytes/index.ts";
import type { Signer } from "../../crypto/device-log/index.ts";
import type { EpochSecret, Unwrap } from "../../crypto/epoch/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Change, Keystore, Secret } from "./types.ts";

/** A device as the protocol asks for it, whose keys a keystore has. */
export interface KeptDevice {
  signer: Signer;
  unwrap: Unwrap;
  newSecret(): Promise<EpochSecret>;
  /**
   * The change that keeps a secret under this id, for the batch that moves the pins.
   *
   * @param key what `unwrap` gave, found valid since.
   * @returns null for a key that did not come from this device's keystore.
   */
  keep(id: string, key: CryptoKey): Change | null;
}

/** What is opened has no name before it is found valid. */
const UNNAMED = "unnamed";

/**
 * @param id the device's, as its log has it: 16 bytes.
 * @throws CRYPTO_UNREADABLE where this keystore has no device.
 */
export async function keptDevice(keystore: Keystore, id: Bytes): Promise<KeptDevice> {
  const keys = await keystore.device();
  if (!keys)
    throw new TrackItError(
      "CRYPTO_UNREADABLE",
      "keystore: it has no device's keys, wanted generate() before",
    );
  const opened = new WeakMap<CryptoKey, Secret>();
  return {
    signer: { id, publicKey: keys.sign, sign: (tag, hash) => keystore.sign(tag, hash, id) },
    async unwrap(wrapped, label) {
      const secret = await keystore.unwrap(UNNAMED, wrapped, label);
      if (secret) opened.set(secret.key, secret);
      return secret?.key ?? null;
    },
    async newSecret() {
      const { key, sealed } = await keystore.makeSecret(UNNAMED);
      return { key, wrap: (targets) => keystore.wrap(UNNAMED, sealed, targets) };
    },
    keep(name, key) {
      const secret = opened.get(key);
      return secret ? { secret: name, sealed: secret.sealed, from: UNNAMED } : null;
    },
  };
}
