import { type Bytes, concat, toHex } from "../../sdk/src/crypto/bytes/index.ts";
import {
  type Commit,
  decodeCommit,
  encodeCore,
  encodeList,
  makeCommit,
  type Recipient,
} from "../../sdk/src/crypto/epoch/index.ts";
import { keysOf } from "../../sdk/src/crypto/group/index.ts";
import { decodeMessage, makeMessage } from "../../sdk/src/crypto/message/index.ts";
import { makeRoomEntry, type RoomChange } from "../../sdk/src/crypto/room-log/index.ts";
import { TAGS } from "../../sdk/src/crypto/tags.ts";
import type { Client } from "./client.ts";
import { newDevice } from "./people.ts";
import type { View, World } from "./world.ts";

/**
 * Members with keys of their own who keep no rule, and whoever holds a stolen device: they sign what they like, and the
 * server puts it where they like.
 */
export const FOES: Record<string, (world: World, foe: Client) => Promise<void>> = {
  "sends out of turn": message,
  "commits as it likes": commit,
  "writes what it may not": entry,
  "signs late and is put before its end": backdate,
};

const view = (world: World, foe: Client) => world.views[foe.view] ?? world.views[0];

/** A message with a false place, number, epoch or sender. */
async function message(world: World, foe: Client, plain = false): Promise<void> {
  const { dice, suite } = world;
  const { room } = foe.state;
  const present = room.epochs.last;
  const at = view(world, foe);
  // Who was removed has no key of the present epoch, and goes on in the last one that it can read.
  const epoch = present && !keysOf(foe.state) ? (foe.lastEpoch ?? present) : present;
  const keys = epoch && keysOf(foe.state, epoch.hash);
  const other = plain || dice.chance(0.7) ? undefined : dice.pick([...(present?.devices.values() ?? [])]);
  const signer = other ? { ...foe.device.signer, id: other.device } : foe.device.signer;
  const who = other?.user ?? foe.person.user;
  const log = foe.devices(who, foe.person.log.root);
  if (!epoch || !keys || !log || !at) return;
  const own = room.senders.get(toHex(signer.id)) ?? { seq: 0, hash: new Uint8Array(32) };
  const fair = plain || dice.chance(0.5);
  const draft = {
    room: room.log.room,
    epoch: epoch.number,
    commit: epoch.hash,
    id: suite.random(16),
    seq: fair ? own.seq + 1 : 1 + dice.below(own.seq + 3),
    prev: fair ? own.hash : suite.random(32),
    deviceHead: plain || dice.chance(0.3) ? headBefore(foe, who) : log.head,
    seen: fair ? room.transcript.place : { seq: room.transcript.place.seq, hash: suite.random(32) },
    time: ++world.time,
  };
  const payload = { kind: "text", reply: new Uint8Array(32), text: `foe ${world.time}` } as const;
  const { bytes } = await makeMessage(suite, keys.root, draft, payload, signer);
  const { header, hash } = await decodeMessage(suite, bytes);
  if (foe.device.stolen && world.truth.ended.has(foe.id)) world.truth.late.add(toHex(hash));
  at.rows.push({ kind: "message", bytes, columns: header, place: at.rows.length + 1 });
}

/**
 * A thief signs after the device was dropped; those who have not read of it are shown the message just before the
 * commit, in the epoch that was then.
 */
async function backdate(world: World, foe: Client): Promise<void> {
  const { clients, views, truth } = world;
  if (!foe.device.stolen || !truth.ended.has(foe.id)) return;
  for (const [at, source] of views.entries()) {
    const ends = source.rows.find(
      (row) => row.kind === "commit" && drops(row.bytes, foe.device.signer.id, source, row.place),
    );
    const behind = clients.filter(({ view: shown, place }) => shown === at && ends && place < ends.place);
    if (!ends || behind.length === 0) continue;
    await foe.read(ends.place - 1);
    const rows = source.rows.slice(0, ends.place - 1);
    views.push({ rows, wraps: new Map(source.wraps) });
    const [home, last] = [foe.view, views.length - 1];
    foe.view = last;
    await message(world, foe, true);
    foe.view = home;
    const forked = views[last];
    if (!forked || rows.length < ends.place) return void views.pop();
    for (const row of source.rows.slice(ends.place - 1))
      forked.rows.push({ ...row, place: forked.rows.length + 1 });
    for (const [place, wraps] of source.wraps) if (place >= ends.place) forked.wraps.set(place + 1, wraps);
    for (const client of behind) client.view = last;
    return;
  }
}

/** Whether a commit leaves a device out that the one before had in its list. */
function drops(bytes: Uint8Array, device: Bytes, { rows }: View, place: number): boolean {
  const before = rows.findLast((row) => row.kind === "commit" && row.place < place);
  return before !== undefined && names(before.bytes, device) && !names(bytes, device);
}

function names(bytes: Uint8Array, device: Bytes): boolean {
  try {
    return decodeCommit(bytes).commit.list.some((row) => toHex(row.device) === toHex(device));
  } catch {
    return false; // a row that was changed on the way
  }
}

/** Of a log, as the epoch that it knows names it: in a later one a device may be revoked. */
function headBefore({ state, person }: Client, user: Bytes) {
  return state.room.epochs.last?.heads.get(toHex(user))?.head ?? { seq: 1, hash: person.log.root };
}

/** A commit for other devices, other people, another place, or without its cut. */
async function commit(world: World, foe: Client): Promise<void> {
  const { suite, dice, boxes } = world;
  const at = view(world, foe);
  const who = { user: foe.person.user, signer: foe.device.signer, time: ++world.time };
  const draft = { reason: "asked" as const, ...who, secret: await boxes.secret() };
  // From an older head on: whoever was removed since is in it again.
  const { before } = foe.state.room.log;
  const room = before?.kind && dice.chance(0.25) ? { ...foe.state.room, log: before } : foe.state.room;
  const made = at && (await makeCommit(suite, room, foe.devices, draft).catch(() => null));
  if (!made || !at) return;
  const lie = await lied(world, foe, decodeCommit(made.bytes).commit);
  const body = encoded(lie);
  if (!body) return;
  const hash = await suite.hash(TAGS.commit, body);
  const signer = { ...foe.device.signer, id: lie.device };
  const signature = dice.chance(0.85) ? await signer.sign(TAGS.commitSig, hash) : suite.random(64);
  at.rows.push({ kind: "commit", bytes: concat(body, signature), place: at.rows.length + 1 });
  at.wraps.set(at.rows.length, new Map(made.wraps.map(({ device, wrap }) => [toHex(device), wrap])));
}

/** Null for what has no encoding. */
function encoded(commit: Commit): Bytes | null {
  try {
    return concat(encodeCore(commit), encodeList(commit.list));
  } catch {
    return null;
  }
}

async function lied(world: World, foe: Client, honest: Commit): Promise<Commit> {
  const { dice, suite } = world;
  const rows = honest.list;
  const one = dice.below(rows.length);
  const row = rows[one];
  switch (dice.below(8)) {
    case 0:
      return { ...honest, list: rows.filter((_, at) => at !== one) };
    case 1: {
      const fake = await newDevice(world, row?.user ?? foe.person.user);
      const added = row && { ...row, device: fake.signer.id, wrapKeyHash: await suite.sha256(fake.wrapKey) };
      const list = added ? [...rows, added] : rows;
      return {
        ...honest,
        list: list.toSorted((a, b) => Buffer.compare(concat(a.user, a.device), concat(b.user, b.device))),
      };
    }
    case 2: {
      const other = rows.find(
        ({ user, device }) => toHex(user) !== toHex(foe.person.user) && device.some((byte) => byte > 0),
      );
      return other ? { ...honest, committer: other.user, device: other.device } : honest;
    }
    case 3:
      return { ...honest, seen: { seq: honest.seen.seq, hash: suite.random(32) } };
    case 4:
      return { ...honest, cut: honest.cut.seq === 0 ? honest.seen : { seq: 0, hash: new Uint8Array(32) } };
    case 5:
      return { ...honest, epoch: honest.epoch + dice.below(2) + 1 };
    case 6: {
      // A head that was pinned long ago, for whoever has gone on since.
      const first = row && foe.devices(row.user, row.user)?.hashes.get(1);
      const old = (item: Recipient) =>
        item.user === row?.user && first ? { ...item, head: { seq: 1, hash: first } } : item;
      return { ...honest, list: rows.map(old) };
    }
    default:
      return { ...honest, prev: suite.random(32) };
  }
}

/** An entry of the room log that its author has no right to, or of a place that is not the next. */
async function entry(world: World, foe: Client): Promise<void> {
  const { suite, dice } = world;
  const at = view(world, foe);
  const log = foe.devices(foe.person.user, foe.person.log.root);
  const target = dice.pick(world.people);
  if (!at || !log || !target) return;
  const changes: RoomChange[] = [
    { op: "remove", user: target.user },
    { op: "role", user: foe.person.user, role: 3 },
    {
      op: "add",
      user: target.user,
      userRoot: target.log.root,
      userHead: target.log.head,
      role: 2,
      invite: new Uint8Array(16),
    },
    { op: "evict", user: target.user },
    { op: "delete" },
  ];
  const change = dice.pick(changes) as RoomChange;
  const { log: roomLog } = foe.state.room;
  const owner = dice.chance(0.4) ? world.people[0] : undefined;
  const theirs = owner && foe.devices(owner.user, owner.log.root);
  const first = owner?.devices[0];
  const as =
    theirs && first
      ? { log: theirs, device: { ...foe.device.signer, id: first.signer.id } }
      : { log, device: foe.device.signer };
  const bytes = await makeRoomEntry(suite, roomLog, { ...change, time: ++world.time }, as).catch(() => null);
  if (!bytes) return;
  at.rows.push({ kind: "entry", bytes, place: at.rows.length + 1 });
}
