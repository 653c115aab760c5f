import { toUuid } from "../../../sdk/src/chat/ids.ts";
import { seenOf } from "../../../sdk/src/chat/room/change.ts";
import type { RoomEngine } from "../../../sdk/src/chat/room/engine.ts";
import { type Bytes, concat, fromHex, toBase64url } from "../../../sdk/src/crypto/bytes/index.ts";
import {
  type Commit,
  decodeCommit,
  type EpochSecret,
  encodeCore,
  encodeList,
  makeCommit,
  makeSecret,
  type Recipient,
} from "../../../sdk/src/crypto/epoch/index.ts";
import { keysOf } from "../../../sdk/src/crypto/group/index.ts";
import { type MessageHeader, makeMessage, type Payload } from "../../../sdk/src/crypto/message/index.ts";
import { makeRoomEntry, type RoomChange } from "../../../sdk/src/crypto/room-log/index.ts";
import { TAGS } from "../../../sdk/src/crypto/tags.ts";

/** What a member signs that the SDK would not: each is right but for what a test changes. */

/** A message of this device, next in its row unless `lie` says otherwise. */
export async function forgeMessage(
  { core, group, room }: RoomEngine,
  payload: Payload,
  lie: Partial<MessageHeader> = {},
): Promise<{ bytes: Bytes; hash: Bytes }> {
  const { last } = group.room.epochs;
  const root = keysOf(group)?.root;
  const log = core.directory.logs(core.me.user, core.me.root);
  if (!last || !root || !log)
    throw new Error("forging a message: the room has no epoch that is readable here");
  const honest = {
    room,
    epoch: last.number,
    commit: last.hash,
    seq: group.own.seq + 1,
    id: core.suite.random(16),
    prev: group.own.hash,
    deviceHead: log.head,
    seen: group.room.transcript.place,
    time: Date.now(),
  };
  return makeMessage(core.suite, root, { ...honest, ...lie }, payload, core.me.signer);
}

export const said = (text: string): Payload => ({ kind: "text", reply: new Uint8Array(32), text });
export const hashIn = (hex: string): Bytes => fromHex(hex);

/** An entry of the room's log, signed by this device, whether it is this member's to make or not; next in its place. */
export async function forgeEntry(
  { core, group }: RoomEngine,
  change: RoomChange,
  place = group.room.log,
): Promise<Bytes> {
  const log = core.directory.logs(core.me.user, core.me.root);
  if (!log) throw new Error("forging an entry: the member's own log is not known; wanted it");
  const author = { log, device: core.me.signer };
  return makeRoomEntry(core.suite, place, { ...change, time: Date.now() }, author);
}

export interface Forged {
  bytes: Bytes;
  /** By device, as UUIDs. */
  wraps: Map<string, Bytes>;
  /** As it is told, and as it would have been. */
  list: readonly Recipient[];
  honest: readonly Recipient[];
  /** What `change_room` takes. */
  change: Record<string, unknown>;
}

type Target = Parameters<EpochSecret["wrap"]>[0][number];

interface CommitLie {
  /** In place of what is wrapped for a device. */
  wrap?: (honest: Bytes, target: Target) => Bytes | Promise<Bytes>;
  /** In place of core and list. */
  commit?: (honest: Commit) => Commit;
  signature?: (honest: Bytes) => Bytes;
}

/** The next epoch as this member begins it. */
export async function forgeCommit(engine: RoomEngine, lie: CommitLie = {}): Promise<Forged> {
  const { core, group } = engine;
  const { suite, me, directory } = core;
  const secret = await makeSecret(suite);
  const draft = { reason: "asked" as const, user: me.user, signer: me.signer, time: Date.now() };
  const made = await makeCommit(suite, group.room, directory.logs, { ...draft, secret: lying(secret, lie) });
  const { commit } = decodeCommit(made.bytes);
  const told = lie.commit?.(commit) ?? commit;
  const body = concat(encodeCore(told), encodeList(told.list));
  const honest = await me.signer.sign(TAGS.commitSig, await suite.hash(TAGS.commit, body));
  const bytes = concat(body, lie.signature?.(honest) ?? honest);
  const wraps = new Map(made.wraps.map(({ device, wrap }) => [toUuid(device), wrap]));
  return {
    bytes,
    wraps,
    list: told.list,
    honest: commit.list,
    change: changeOf(engine, bytes, told.list, wraps),
  };
}

const lying = ({ key, wrap }: EpochSecret, lie: CommitLie): EpochSecret => ({
  key,
  wrap: async (targets) => {
    const honest = await wrap(targets);
    return Promise.all(honest.map((one, at) => lie.wrap?.(one, targets[at] as Target) ?? one));
  },
});

/** A change of this commit alone, with wraps in the order of its list. */
export function changeOf(
  { core, group }: RoomEngine,
  commit: Bytes,
  list: readonly Recipient[],
  wraps: ReadonlyMap<string, Bytes>,
): Record<string, unknown> {
  const devices = list.map(({ device }) => toUuid(device)).filter((id) => wraps.has(id));
  return {
    commit: toBase64url(commit),
    wraps: devices.map((id) => toBase64url(wraps.get(id) as Bytes)),
    // Without the room's last row, which a server that lies need not compare.
    seen: { ...seenOf(core, group), seq: undefined },
  };
}
