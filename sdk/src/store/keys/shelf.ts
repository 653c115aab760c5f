import type { Bytes } from "../../crypto/bytes/index.ts";
import { TrackItError } from "../../errors.ts";
import type { DeviceKeys } from "./types.ts";

/** The key that everything kept is sealed under. Its id changes when a wipe brings another. */
export interface Seal {
  id: string;
  key: CryptoKey;
}

/** A device's keys; the private ones are not extractable. */
export interface Device {
  public: DeviceKeys;
  sign: CryptoKey;
  wrap: CryptoKey;
}

export type Entry = readonly [key: string, value: Bytes | null];

/**
 * What a keystore stands on: sealed values under names, and keys. Every call but `seal` and `wipe` names the seal
 * that its caller knows, and throws `wiped()` where that is no longer the shelf's.
 */
export interface Shelf {
  /** Made at the first call; of several that come at once, one is kept and all get it. */
  seal(): Promise<Seal>;
  device(seal: string): Promise<Device | null>;
  /** Makes a device, unless one stands whose signing key is not `instead`: then that one. */
  makeDevice(seal: string, instead: Uint8Array | null): Promise<Device>;
  read(seal: string, keys: readonly string[]): Promise<(Bytes | null)[]>;
  list(seal: string, prefix: string): Promise<[key: string, value: Bytes][]>;
  /** All changes or none; false where a key does not hold the guard's very bytes. */
  batch(seal: string, changes: readonly Entry[], guards: readonly Entry[]): Promise<boolean>;
  /** Deletes values and keys. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** Said to whoever still stands on what another tab or process has wiped. */
export function wiped(): TrackItError {
  return new TrackItError(
    "USAGE_STORAGE",
    "keystore: it was wiped meanwhile, wanted one that is opened anew",
  );
}

/** Whether a shelf's value is still the one that was read: by bytes, each seal being of its own nonce. */
export function holds(value: Uint8Array | null, wanted: Uint8Array | null): boolean {
  if (value === null || wanted === null) return value === wanted;
  return value.length === wanted.length && value.every((byte, at) => byte === wanted[at]);
}
