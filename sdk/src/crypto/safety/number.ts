import { concat } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";

/** Signal's, which cost a forger 2^112 hashes for a number that looks the same. */
const ROUNDS = 5200;
const GROUPS = 6;

/** Who somebody is: the id and the hash of the first entry of the device log. */
export interface Identity {
  /** 16 bytes. */
  user: Uint8Array;
  /** 32 bytes. */
  root: Uint8Array;
}

/**
 * Sixty digits that two people compare, the same for both: thirty for each side, the smaller first.
 *
 * @see libsignal's numeric fingerprint; docs/protocol.md §7
 */
export async function safetyNumber(suite: Suite, one: Identity, other: Identity): Promise<string> {
  const sides = await Promise.all([digitsOf(suite, one), digitsOf(suite, other)]);
  return sides.sort().join("");
}

async function digitsOf(suite: Suite, { user, root }: Identity): Promise<string> {
  let hash = concat(new Uint8Array(2), root, user);
  for (let round = 0; round < ROUNDS; round++) hash = await suite.sha512(hash, root);
  return Array.from({ length: GROUPS }, (_, group) => {
    const bytes = hash.subarray(group * 5, group * 5 + 5);
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return String(number % 100_000).padStart(5, "0");
  }).join("");
}
