import { type Bytes, concat, equal, Reader } from "../bytes/index.ts";
import {
  ascending,
  decode,
  encode,
  from64,
  hash,
  head,
  id,
  named,
  only,
  range8,
  struct,
  u16,
  u64,
  type Value,
  versioned,
} from "../codec.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";

const REASONS = ["first", "members", "devices", "age", "asked", "repair"] as const;
/** Why an epoch was begun. Nothing but `first` is judged. */
export type CommitReason = (typeof REASONS)[number];

/** @see docs/protocol.md §14.1 */
const CORE = versioned(
  struct({
    suite: range8(1, 1),
    room: id,
    epoch: from64(1),
    prev: hash,
    log: head,
    cut: head,
    seen: head,
    reason: named(REASONS),
    committer: id,
    device: id,
    time: u64,
    commitment: hash,
  }),
);
const CORE_BYTES = 251;

const RECIPIENT = struct({ user: id, head, device: id, wrapKey: hash, wrap: hash });
/** One device that the epoch's secret is wrapped for; a member who has none stands with zeros. */
export type Recipient = Value<typeof RECIPIENT>;

const MOST_RECIPIENTS = 32_000;
const order = ({ user, device }: Recipient): Bytes => concat(user, device);
const LIST = only(
  ascending(
    only(u16, (count) => count >= 1 && count <= MOST_RECIPIENTS),
    RECIPIENT,
    order,
  ),
  (list) => list.every((one, at) => at === 0 || isOneHead(one, list[at - 1] as Recipient)),
);

/** The rows of one user name one head. */
const isOneHead = (one: Recipient, other: Recipient): boolean =>
  !equal(one.user, other.user) || (one.head.seq === other.head.seq && equal(one.head.hash, other.head.hash));

export type CommitCore = Value<typeof CORE>;
export interface Commit extends CommitCore {
  list: readonly Recipient[];
}
export interface SignedCommit {
  commit: Commit;
  core: Bytes;
  /** Core and list: what is hashed. */
  body: Bytes;
  signature: Bytes;
}

export const encodeCore = (core: CommitCore): Bytes => encode(CORE, core);
export const encodeList = (list: readonly Recipient[]): Bytes => encode(LIST, list);

/** @throws CRYPTO_OPEN_FAILED */
export function decodeCommit(bytes: Uint8Array): SignedCommit {
  const reader = new Reader(bytes);
  const core = reader.fixed(CORE_BYTES);
  const list = reader.fixed(Math.max(0, reader.left - 64));
  const commit = { ...decode(CORE, core), list: decode(LIST, list) };
  return { commit, core, body: concat(core, list), signature: reader.fixed(64) };
}

/** The hash of a row, whatever the row is worth. */
export const commitHash = (suite: Suite, bytes: Uint8Array): Promise<Bytes> =>
  suite.hash(TAGS.commit, bytes.subarray(0, Math.max(0, bytes.length - 64)));
