import type { Bytes } from "../../crypto/bytes/index.ts";
import type { Tag } from "../../crypto/tags.ts";

/** The public halves of a device's keys, as its log entry holds them. */
export interface DeviceKeys {
  /** ECDSA P-256, uncompressed point: 65 bytes. */
  sign: Bytes;
  /** RSA-OAEP-3072 with SHA-256, SPKI: 422 bytes. */
  wrap: Bytes;
}

/** How far a log has been verified: what is pinned only moves forward. */
export interface Pin {
  /** From 0 to 2^53 - 1. */
  seq: number;
  /** SHA-256: 32 bytes. */
  hash: Uint8Array;
}

/** An epoch secret: 32 bytes that stay sealed under a key of this device. */
export interface Secret {
  /** For `batch` (to keep it) and `wrap`; of no use outside this keystore, nor under another id. */
  sealed: Bytes;
  /** HMAC-SHA-512 of exactly 256 bits, for `sign` alone, not extractable. */
  key: CryptoKey;
}

/** A device that a secret is wrapped for. */
export interface Recipient {
  /** Its wrap key, checked as bytes before: 422 bytes of SPKI. */
  wrap: Uint8Array;
  /** The OAEP label. */
  label: Uint8Array;
}

/** One step of a batch. Null deletes; pins are never deleted but by `wipe`. */
export type Change =
  | { record: string; value: Uint8Array | null }
  /** `from` is the id that it was sealed under, where that is another. */
  | { secret: string; sealed: Uint8Array | null; from?: string }
  /** Applies only where the pin still stands at `from` (null: is not there); `to` is beyond it, or the same. */
  | { pin: string; from: Pin | null; to: Pin };

/** A batch applies only where this record still holds this value (null: is not there). */
export interface Guard {
  record: string;
  value: Uint8Array | null;
}

/** Gets 32 bytes for each id that was asked for, or null where no such secret is kept. */
export type SecretsUse<Answer> = (secrets: (Bytes | null)[]) => Promise<Answer> | Answer;

/** Where a keystore is: `page` is a browser that gave it no worker, `memory` lasts as long as its page or process. */
export type Place = "worker" | "page" | "memory" | "file";

/**
 * What end-to-end encryption keeps on a device: its two private keys, which never leave; epoch secrets; pins; and
 * small records, all sealed. Names are 1 to 512 characters. Whatever fails throws a TrackItError:
 *
 * - CRYPTO_UNREADABLE: what is kept was changed, cut, or is of another place or device; nothing is overwritten
 * - USAGE_STORAGE: the storage refuses, or was wiped from elsewhere; LIMIT_STORAGE: it is full
 * - USAGE_INVALID: an argument of the wrong form
 *
 * @see docs/keystore.md
 */
export interface Keystore {
  readonly place: Place;
  /** Null before `generate`. */
  device(): Promise<DeviceKeys | null>;
  /**
   * Makes the device's keys, once: later calls, and other tabs, get the same ones.
   *
   * @param options.instead the signing key of a device that is given up; its keys are replaced. Another than the
   * present one changes nothing, so that of two tabs one replaces.
   */
  generate(options?: { instead?: Uint8Array }): Promise<DeviceKeys>;
  /**
   * Signs tag ‖ 0x00 ‖ object hash ‖ signer id ‖ SHA-256(signing key), and nothing else.
   *
   * @returns r ‖ s, 64 bytes, low s.
   */
  sign(tag: Tag, objectHash: Uint8Array, signerId: Uint8Array): Promise<Bytes>;
  /**
   * Opens a wrap for this device. Nothing is kept until `batch` has the secret.
   *
   * @param id the secret's name.
   * @param wrapped 384 bytes.
   * @returns null where it does not open, or holds anything but 32 bytes: why is not told.
   */
  unwrap(id: string, wrapped: Uint8Array, label: Uint8Array): Promise<Secret | null>;
  /** A new random secret; kept when `batch` has it. */
  makeSecret(id: string): Promise<Secret>;
  /** Seals a secret that came another way (a grant, a backup). @param bytes 32, the caller's to overwrite. */
  sealSecret(id: string, bytes: Uint8Array): Promise<Secret>;
  /** Wraps a secret for devices, in their order: 384 bytes each. */
  wrap(id: string, sealed: Uint8Array, recipients: readonly Recipient[]): Promise<Bytes[]>;
  /** Null where no such secret is kept. */
  secret(id: string): Promise<CryptoKey | null>;
  /** The names of kept secrets that begin so, in order (UTF-16 code units). */
  secrets(prefix: string): Promise<string[]>;
  /**
   * Opens secrets for as long as `use` runs, for grants and backups; the bytes are overwritten when it ends.
   */
  withSecrets<Answer>(ids: readonly string[], use: SecretsUse<Answer>): Promise<Answer>;
  /** Null where nothing was pinned yet. */
  pin(name: string): Promise<Pin | null>;
  get(name: string): Promise<Bytes | null>;
  /** Every record whose name begins so, ordered by name (UTF-16 code units). */
  list(prefix: string): Promise<[name: string, value: Bytes][]>;
  /**
   * Applies all changes or none.
   *
   * @returns false where a guard or a pin's `from` no longer holds: nothing has changed; read, and decide anew.
   */
  batch(changes: readonly Change[], guards?: readonly Guard[]): Promise<boolean>;
  /** Seals what is kept elsewhere (an archive, a search index), bound to this place. */
  seal(place: string, value: Uint8Array): Promise<Bytes>;
  /** The opposite of `seal`. */
  open(place: string, sealed: Uint8Array): Promise<Bytes>;
  /** Deletes everything, keys included. Other tabs' calls throw USAGE_STORAGE until they open it anew. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}
