import { type Bytes, equal, opening, utf8 } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { decodeNameOpening, encodeNameOpening } from "./layout.ts";
import type { DeviceLog } from "./state.ts";

const nameHash = (suite: Suite, salt: Uint8Array, name: string) =>
  suite.hash(TAGS.username, salt, utf8(name));

/** A name for the log: the hash that is signed, and what opens it, to be kept beside the entry. */
export async function hashName(suite: Suite, name: string): Promise<{ nameHash: Bytes; opening: Bytes }> {
  const salt = suite.random(16);
  return { nameHash: await nameHash(suite, salt, name), opening: encodeNameOpening({ salt, name }) };
}

/**
 * The name that an opening shows for a signed hash.
 *
 * @throws CRYPTO_OPEN_FAILED for an opening that does not fit.
 */
export function openName(suite: Suite, signed: Uint8Array, given: Uint8Array): Promise<string> {
  return opening(async () => {
    const { salt, name } = decodeNameOpening(given);
    if (!equal(await nameHash(suite, salt, name), signed)) throw new Error();
    return name;
  });
}

/** The name hash at entry `seq`, by default now. */
export function nameHashAt(log: DeviceLog, seq: number = log.head.seq): Bytes | undefined {
  return [...log.names].filter(([at]) => at <= seq).at(-1)?.[1];
}
