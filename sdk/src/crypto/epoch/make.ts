import { type Bytes, concat, equal, misuse } from "../bytes/index.ts";
import { NO_HEAD } from "../codec.ts";
import { isAhead, type Signer } from "../device-log/index.ts";
import { type DeviceLogs, pinOf } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { type CommitCore, type CommitReason, encodeCore, encodeList, type Recipient } from "./layout.ts";
import { type Place, places, standingMembers, wrapKeyHash } from "./list.ts";
import { type EpochSecret, keyCommitment, makeSecret, wrapLabel } from "./secret.ts";
import type { EpochRoom } from "./state.ts";

export interface CommitDraft {
  reason: CommitReason;
  user: Bytes;
  signer: Signer;
  time: number;
  /** By default one that is made here. */
  secret?: EpochSecret;
}

export interface MadeCommit {
  /** Core, list and signature. */
  bytes: Bytes;
  hash: Bytes;
  secret: EpochSecret;
  /** For each device of the list, in its order. */
  wraps: { device: Bytes; wrap: Bytes }[];
}

/** Who is to be in the next list: the devices of the members as the logs stand now. */
export function recipients({ log }: EpochRoom, logs: DeviceLogs): Place[] {
  const now = places(standingMembers(log, log), logs, ({ user, root }) => logs(user, root)?.head);
  if (!now) throw misuse("a member's device log", "missing", "read before a commit is made");
  const behind = now.find(({ user, root, head }) => {
    return !isAhead(logs(user, root), head, pinOf(log, { user, root }));
  });
  if (behind) throw misuse("a member's device log", `at ${behind.head.seq}`, "read up to its pin");
  return now;
}

/**
 * The next commit.
 *
 * @param room Its log with the entries that are sent in the same call applied, its transcript as it was verified.
 * @throws USAGE_INVALID where a member's device log was not read.
 */
export async function makeCommit(
  suite: Suite,
  room: EpochRoom,
  logs: DeviceLogs,
  draft: CommitDraft,
): Promise<MadeCommit> {
  const wanted = recipients(room, logs);
  const secret = draft.secret ?? (await makeSecret(suite));
  const core = encodeCore(await coreOf(suite, room, wanted, { ...draft, secret }));
  const coreHash = await suite.sha256(core);
  const { list, wraps } = await wrapped(suite, coreHash, wanted, secret);
  const body = concat(core, encodeList(list));
  const hash = await suite.hash(TAGS.commit, body);
  const bytes = concat(body, await draft.signer.sign(TAGS.commitSig, hash));
  return { bytes, hash, secret, wraps };
}

async function coreOf(
  suite: Suite,
  { log, transcript, epochs }: EpochRoom,
  wanted: readonly Place[],
  { reason, user, signer, time, secret }: CommitDraft & { secret: EpochSecret },
): Promise<CommitCore> {
  const epoch = epochs.rows + 1;
  const before = [...(epochs.last?.devices.values() ?? [])];
  const kept = (device: Uint8Array) => wanted.some((one) => one.device && equal(one.device.id, device));
  return {
    suite: suite.id,
    room: log.room,
    epoch,
    prev: epochs.last?.hash ?? NO_HEAD.hash,
    log: log.head,
    cut: before.every(({ device }) => kept(device)) ? NO_HEAD : transcript.place,
    seen: transcript.place,
    reason: epochs.last ? reason : "first",
    committer: user,
    device: signer.id,
    time,
    commitment: await keyCommitment(suite, secret.key, log.room, epoch),
  };
}

async function wrapped(suite: Suite, core: Bytes, wanted: readonly Place[], secret: EpochSecret) {
  const hashes = await Promise.all(
    wanted.map(async ({ device }) => {
      if (!device) return null;
      const wrapKey = await wrapKeyHash(suite, device);
      return { device, wrapKey, label: await wrapLabel(suite, core, device.id, wrapKey) };
    }),
  );
  const targets = hashes.filter((one) => one !== null);
  const made = await secret.wrap(targets.map(({ device, label }) => ({ wrap: device.wrapKey, label })));
  const wraps = targets.map(({ device }, at) => ({ device: device.id, wrap: made[at] as Bytes }));
  const wrapHashes = await Promise.all(made.map((wrap) => suite.sha256(wrap)));
  const byPlace = new Map(targets.map((one, at) => [one, wrapHashes[at] as Bytes]));
  const list: Recipient[] = wanted.map(({ user, head }, at) => {
    const one = hashes[at];
    if (!one) return { user, head, device: new Uint8Array(16), wrapKey: NO_HEAD.hash, wrap: NO_HEAD.hash };
    return { user, head, device: one.device.id, wrapKey: one.wrapKey, wrap: byPlace.get(one) as Bytes };
  });
  return { list, wraps };
}
