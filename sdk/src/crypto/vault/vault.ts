import { type Bytes, concat, equal, misuse, openFailed, opening, pad, unpad } from "../bytes/index.ts";
import { openBytes, sealBytes } from "../chunked/index.ts";
import {
  decode,
  encode,
  type Field,
  flag,
  from64,
  hash,
  head,
  id,
  range8,
  struct,
  text16,
  u8,
  u64,
  type Value,
  versioned,
} from "../codec.ts";
import { fileInfo, json } from "../message/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";

/** @see docs/protocol.md §19 */
const HEAD = versioned(
  struct({
    suite: range8(1, 1),
    room: id,
    epoch: from64(1),
    commit: hash,
    kind: u8,
    item: id,
    version: from64(1),
  }),
);
const HEAD_BYTES = 83;
const MOST_BYTES = 65_536;

const KINDS = {
  file: [1, struct({ info: fileInfo })],
  contact: [2, struct({ root: hash, head, username: text16(0, 64), verified: flag, time: u64 })],
  deviceName: [3, struct({ name: text16(1, 100) })],
  setting: [4, struct({ name: text16(1, 64), value: json })],
  room: [5, struct({ log: head, epoch: u64, commit: hash, place: head })],
  invite: [6, struct({ room: id, secret: hash })],
  backupKey: [7, struct({ key: hash, number: u64 })],
} as const;
type Kinds = typeof KINDS;
/** What one item holds. */
export type VaultPayload = { [Kind in keyof Kinds]: { kind: Kind } & Value<Kinds[Kind][1]> }[keyof Kinds];

export interface VaultItem {
  /** 16 bytes: what it is about, as its kind says. */
  item: Bytes;
  version: number;
  payload: VaultPayload;
}

/** An epoch of the self room, with the key that its exporter gives for `vault`. */
export interface VaultEpoch {
  room: Bytes;
  epoch: number;
  commit: Bytes;
  key: CryptoKey;
}

const BY_NAME = KINDS as unknown as Record<string, readonly [number, Field<object>]>;
const context = (bytes: Uint8Array): Bytes => tagged(TAGS.vaultItem, bytes);

/** @throws USAGE_INVALID for a field out of range. */
export async function sealItem(
  suite: Suite,
  vault: VaultEpoch,
  { item, version, payload }: VaultItem,
): Promise<Bytes> {
  const [kind, field] = BY_NAME[payload.kind] ?? [0, struct({})];
  const { room, epoch, commit } = vault;
  const bytes = encode(HEAD, { suite: suite.id, room, epoch, commit, kind, item, version });
  const sealed = await sealBytes(suite, vault.key, context(bytes), pad(encode(field, payload)));
  if (bytes.length + sealed.length > MOST_BYTES) throw misuse("an item", "too long", `${MOST_BYTES} bytes`);
  return concat(bytes, sealed);
}

/** What is known of an item before it is opened: which epoch's key it wants. @throws CRYPTO_OPEN_FAILED */
export const itemHead = (bytes: Uint8Array): Value<typeof HEAD> => decode(HEAD, bytes.slice(0, HEAD_BYTES));

/**
 * @param seen Version and epoch in which this item was last read: what is below is an old one shown again. `since` is
 * `Epochs.dropped`, below which a device that is gone could have made it; bytes that were read before need none.
 * @throws CRYPTO_OPEN_FAILED
 */
export function openItem(
  suite: Suite,
  vault: VaultEpoch,
  bytes: Uint8Array,
  seen: { version?: number; epoch?: number; since?: number } = {},
): Promise<VaultItem> {
  return opening(async () => {
    const head = itemHead(bytes);
    const { room, epoch, commit, item, version } = head;
    const isHere = equal(room, vault.room) && epoch === vault.epoch && equal(commit, vault.commit);
    const found = Object.entries(BY_NAME).find(([, [number]]) => number === head.kind);
    const least = Math.max(seen.epoch ?? 1, seen.since ?? 1);
    const isOld = version < (seen.version ?? 1) || epoch < least || bytes.length > MOST_BYTES;
    if (!isHere || !found || isOld) throw openFailed();
    const [kind, [, field]] = found;
    const start = bytes.slice(0, HEAD_BYTES);
    const plain = unpad(await openBytes(suite, vault.key, context(start), bytes.slice(HEAD_BYTES)));
    return { item, version, payload: { kind, ...decode(field, plain) } as VaultPayload };
  });
}
