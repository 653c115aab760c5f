import { type Bytes, misuse, openFailed } from "../bytes/index.ts";
import { sealBytes } from "../chunked/index.ts";
import type { Given, GroupCipher, Step } from "../cipher.ts";
import { type CommitReason, changed, inEpoch, makeCommit, openEpoch } from "../epoch/index.ts";
import { openMessage, type Payload } from "../message/index.ts";
import { beginMessage } from "../message/make.ts";
import { aheadOf } from "../message/receive.ts";
import { applyRoomEntry, isOpen, makeRoomEntry, type RoomChange } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { type Anchor, followFrom } from "./anchor.ts";
import { applyRow, type Effect, type Room, type Row, type Rules, startRoom } from "./room.ts";
import { type Group, keysOf, type Self, settled, startGroup, withSecret, withSent } from "./state.ts";

/** What a row did to this device's group. */
export interface GroupEffect extends Effect {
  /** A commit: whether this device has the secret. If not, it repairs. */
  readable?: boolean;
  /** A message that opened. Without it: unreadable (no key yet), withheld (a tombstone), or refused. */
  payload?: Payload;
  /** A message of this device that it never signed: the profile was copied. */
  copy?: boolean;
}

export interface RsaAes extends GroupCipher<Group, Row, GroupEffect, Anchor, Payload> {
  change(
    state: Group,
    changes: readonly RoomChange[],
    given: Given & { reason?: CommitReason },
  ): Promise<Step>;
  /** As `encrypt`, several in their order: signatures are made while the next message is sealed. */
  encryptAll(
    state: Group,
    messages: readonly { id: Bytes; payload: Payload }[],
    given: Given,
  ): Promise<{ state: Group; sent: { message: Bytes; hash: Bytes }[] }>;
}

/**
 * `rsa-aes/1` for one device: RSA carries the epoch's secret, AES-256 the messages.
 *
 * @param rules For tests that leave one out.
 */
export function createRsaAes(suite: Suite, self: Self, rules: Rules = {}): RsaAes {
  const step = stepOf(suite, self);
  const open = opener(suite, self);
  return {
    protocol: 1,
    create: async (room, change, given) => step(await startRoom(suite, room), [change], given),
    change: (state, changes, given) => step(state.room, changes, given),
    async apply(state, row, { devices, wrap = null }) {
      const { room, effect } = await applyRow(suite, state.room, row, devices, rules);
      const { group, copy } = settled({ ...state, room }, effect, self.signer.id);
      if (effect.epoch) return open(group, effect, wrap);
      const ahead = row.kind === "message" && effect.message ? aheadOf(row) : undefined;
      const early = await ahead?.payload.catch(() => null);
      const payload = early ?? (await decrypt(suite, group, effect).catch(() => null));
      const found: GroupEffect = { ...effect, ...(payload ? { payload } : {}), ...(copy ? { copy } : {}) };
      return { state: group, effect: found };
    },
    async join(anchor, { devices, wrap = null }) {
      const room = await followFrom(suite, anchor, devices);
      const epoch = room.epochs.last;
      // Who was brought in stands in that list; an older commit would show it a room of long ago.
      if (!epoch || !(anchor.pin || inEpoch(epoch, self.signer.id))) throw openFailed();
      return (await open(startGroup(room), { verdict: "valid", epoch }, wrap)).state;
    },
    ...encrypter(suite, self),
    decrypt: (state, effect) => decrypt(suite, state, effect),
    exporter: (state, use, commit) => exporter(suite, state, use, commit),
    seal: async (state, use, context, plain) =>
      sealBytes(suite, await exporter(suite, state, use), context, plain),
  };
}

/** Entries and the commit that goes with them, as they will stand if nobody comes first. */
function stepOf(suite: Suite, self: Self) {
  return async (
    room: Room,
    changes: readonly RoomChange[],
    { devices, time, reason }: Given & { reason?: CommitReason },
  ): Promise<Step> => {
    const author = devices(self.user, self.root);
    if (!author) throw misuse("one's own device log", "missing", "read before a room is changed");
    const entries: Bytes[] = [];
    let { log } = room;
    for (const change of changes) {
      const bytes = await makeRoomEntry(
        suite,
        log,
        { ...change, time },
        { log: author, device: self.signer },
      );
      entries.push(bytes);
      const place = room.transcript.place.seq + entries.length;
      const applied = await applyRoomEntry(suite, log, { bytes, place }, devices);
      if (applied.verdict !== "valid") throw misuse(change.op, applied.verdict.void, "allowed in this room");
      log = applied.log;
    }
    const secret = self.newSecret ? { secret: await self.newSecret() } : {};
    const draft = { reason: reason ?? (changes.length > 0 ? "members" : "asked"), ...secret } as const;
    const who = { user: self.user, signer: self.signer, time };
    const { bytes: commit, wraps } = await makeCommit(suite, { ...room, log }, devices, { ...draft, ...who });
    return { entries, commit, wraps };
  };
}

function opener(suite: Suite, self: Self) {
  return async (group: Group, effect: Effect, wrap: Uint8Array | null) => {
    const { epoch } = effect;
    const secret = epoch && (await openEpoch(suite, epoch, self.signer.id, wrap, self.unwrap));
    const found: GroupEffect = { ...effect, readable: Boolean(secret) };
    if (!epoch || !secret) return { state: group, effect: found };
    return { state: await withSecret(suite, group, epoch.number, secret), effect: found };
  };
}

interface Begun {
  state: Group;
  hash: Bytes;
  message: Promise<Bytes>;
}

function encrypter(suite: Suite, self: Self): Pick<RsaAes, "encrypt" | "encryptAll"> {
  const begin = async (
    group: Group,
    { id, payload }: { id: Bytes; payload: Payload },
    { devices, time }: Given,
  ): Promise<Begun> => {
    const { room } = group;
    const keys = keysOf(group);
    const { last, rows } = room.epochs;
    const log = devices(self.user, self.root);
    if (!last || !keys || !log || rows > last.number || !isOpen(room.log) || changed(room, devices)) {
      throw misuse("an epoch", "over, or not readable here", "one of the present devices: commit first");
    }
    const seq = group.own.seq + 1;
    const place = { room: room.log.room, epoch: last.number, commit: last.hash, seq, id };
    const heads = { prev: group.own.hash, deviceHead: log.head, seen: room.transcript.place, time };
    const made = await beginMessage(suite, keys.root, { ...place, ...heads }, payload, self.signer);
    const { hash, bytes: message } = made;
    return { state: withSent(group, { seq, hash }, last.number), message, hash };
  };
  return {
    encrypt: async (group, message, given) => {
      const begun = await begin(group, message, given);
      return { ...begun, message: await begun.message };
    },
    async encryptAll(group, messages, given) {
      const begun: Begun[] = [];
      for (const message of messages) begun.push(await begin(begun.at(-1)?.state ?? group, message, given));
      const sent = begun.map(async ({ hash, message }) => ({ hash, message: await message }));
      return { state: begun.at(-1)?.state ?? group, sent: await Promise.all(sent) };
    },
  };
}

async function decrypt(suite: Suite, group: Group, { message }: Effect): Promise<Payload> {
  const keys = message && keysOf(group, message.header.commit);
  if (!keys) throw openFailed();
  return openMessage(suite, keys.root, message);
}

const USES = { "room-name": TAGS.roomNameKey, vault: TAGS.vaultRoot };

async function exporter(
  suite: Suite,
  group: Group,
  use: keyof typeof USES,
  commit = group.room.epochs.last?.hash,
): Promise<CryptoKey> {
  const keys = keysOf(group, commit);
  if (!commit || !keys) throw openFailed();
  return suite.expandKey(keys.secret, tagged(USES[use], commit));
}
