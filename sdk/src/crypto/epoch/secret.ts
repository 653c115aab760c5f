import { type Bytes, equal, Writer } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { type Epoch, inEpoch, type PastEpoch } from "./state.ts";

/** Whom a secret is wrapped for. */
export interface Target {
  /** 422 bytes of SPKI. */
  wrap: Bytes;
  /** The OAEP label, 32 bytes. */
  label: Bytes;
}

/** An epoch's secret where it is made: in this process, or in a keystore that never gives it out. */
export interface EpochSecret {
  /** HMAC-SHA-512 of 32 bytes, not extractable. */
  key: CryptoKey;
  /** 384 bytes for each, in their order. */
  wrap(targets: readonly Target[]): Promise<Bytes[]>;
}

/** How many wraps are under way at once: enough for every core, few enough that memory stays flat. */
const BATCH = 64;

/** A fresh secret. @param raw For known answers only: 32 bytes. */
export async function makeSecret(suite: Suite, raw: Bytes = suite.random(32)): Promise<EpochSecret> {
  return {
    key: await suite.hmacKey(raw),
    async wrap(targets) {
      const wraps: Bytes[] = [];
      for (let at = 0; at < targets.length; at += BATCH) {
        const some = targets.slice(at, at + BATCH);
        wraps.push(...(await Promise.all(some.map(({ wrap, label }) => suite.wrap(wrap, raw, label)))));
      }
      return wraps;
    },
  };
}

/** @see docs/protocol.md §14.2 */
export const keyCommitment = (suite: Suite, key: CryptoKey, room: Uint8Array, epoch: number) =>
  suite.expand(key, tagged(TAGS.keyCommitment, room, new Writer().u64(epoch).done()), 32);

/** Label of a wrap. @param core SHA-256 of the commit's core. */
export const wrapLabel = (suite: Suite, core: Uint8Array, device: Uint8Array, wrapKeyHash: Uint8Array) =>
  suite.hash(TAGS.wrapLabel, core, device, wrapKeyHash);

/** What messages of that epoch are sealed with. */
export const messageRoot = (suite: Suite, secret: CryptoKey, commitHash: Uint8Array) =>
  suite.expandKey(secret, tagged(TAGS.messageRoot, commitHash));

/** Whether this is that epoch's secret. @param room Its id. */
export async function isSecretOf(
  suite: Suite,
  key: CryptoKey,
  room: Uint8Array,
  epoch: { number: number } & Pick<PastEpoch, "commitment">,
): Promise<boolean> {
  return equal(await keyCommitment(suite, key, room, epoch.number), epoch.commitment);
}

/** Opens a wrap with this device's private key: null where it does not open. */
export type Unwrap = (wrapped: Uint8Array, label: Uint8Array) => Promise<CryptoKey | null>;

/**
 * The secret of an epoch that is valid, for one device.
 *
 * @param wrapped This device's wrap, or null if the server has none for it.
 * @returns Null: valid and unreadable. This device repairs it, everybody else goes on.
 * @see docs/protocol.md §14.4
 */
export async function openEpoch(
  suite: Suite,
  epoch: Epoch,
  device: Uint8Array,
  wrapped: Uint8Array | null,
  unwrap: Unwrap,
): Promise<CryptoKey | null> {
  const row = inEpoch(epoch, device);
  if (!row || !wrapped || !equal(await suite.sha256(wrapped), row.wrap)) return null;
  const label = await wrapLabel(suite, epoch.core, row.device, row.wrapKey);
  const key = await unwrap(wrapped, label).catch(() => null);
  const { room, commitment } = epoch.commit;
  return key && (await isSecretOf(suite, key, room, { number: epoch.number, commitment })) ? key : null;
}
