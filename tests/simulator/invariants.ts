import { toHex } from "../../sdk/src/crypto/bytes/index.ts";
import { devicesAt } from "../../sdk/src/crypto/device-log/index.ts";
import { decodeCommit } from "../../sdk/src/crypto/epoch/index.ts";
import { decodeRoomEntry, pinOf } from "../../sdk/src/crypto/room-log/index.ts";
import type { Client } from "./client.ts";
import { Violation, type World } from "./world.ts";

const need = (holds: boolean, what: string): void => {
  if (!holds) throw new Violation(what);
};

/** What holds after every step, whatever the server did. */
export function checkAll(world: World, before: ReadonlyMap<Client, Pinned>): void {
  for (const client of world.clients) {
    checkShown(world, client);
    checkBelieved(world, client);
    checkEpoch(world, client);
    checkPins(client, before.get(client));
  }
  checkAgreement(world);
  checkSaid(world);
}

/** Nobody encrypts for a device that they know to be revoked. */
function checkSaid({ truth }: World): void {
  for (const { text, revoked } of truth.said.values()) {
    need(revoked.length === 0, `"${text}" was encrypted for a device that its sender knew to be revoked`);
  }
}

/** Nobody is shown what was not said, or was said to others, twice, out of order, in another history, or too late. */
function checkShown(world: World, client: Client): void {
  const { said, late, ended } = world.truth;
  const seqs = new Map<string, number>();
  const hashes = new Set<string>();
  for (const one of client.shown) {
    const truth = said.get(one.hash);
    const foe = isFoe(world, one.device);
    need(truth !== undefined || foe, `${nameOf(client)} shows what nobody said: ${one.text}`);
    if (truth) {
      need(
        truth.device === one.device && truth.text === one.text,
        `${nameOf(client)} shows other words or another sender: ${one.text}`,
      );
      need(truth.recipients.has(client.id), `${nameOf(client)} reads what was said to others: ${one.text}`);
      const [seq = "0", hash] = one.seen.split(":");
      const isSame = client.places[Number(seq)] === hash;
      need(
        isSame || one.alarm,
        `${nameOf(client)} shows what was said in another history, without a word: ${one.text}`,
      );
    }
    need(
      one.isOfItsPlace,
      `${nameOf(client)} shows a message outside of its epoch, or as the row says and not the header: ${one.text}`,
    );
    need(!hashes.has(one.hash), `${nameOf(client)} shows a message twice: ${one.text}`);
    need(
      one.seq > (seqs.get(one.device) ?? 0),
      `${nameOf(client)} shows a device's messages out of order: ${one.text}`,
    );
    need(
      !(late.has(one.hash) && client.commits.has(ended.get(one.device) ?? "")),
      `${nameOf(client)} shows a late signature: ${one.text}`,
    );
    hashes.add(one.hash);
    seqs.set(one.device, one.seq);
  }
}

/** An epoch is for the devices of the members, all of them and no others; nobody's key is in it that they did not add. */
function checkEpoch(world: World, client: Client): void {
  const { last } = client.state.room.epochs;
  if (!last || client.checked === last.hash) return;
  client.checked = last.hash;
  const wanted = new Set<string>();
  for (const [user, { head }] of last.heads) {
    const person = world.people.find((one) => toHex(one.user) === user);
    need(person !== undefined, "an epoch names a user who is nobody");
    if (!person) continue;
    for (const { id } of devicesAt(person.log, head.seq)) wanted.add(toHex(id));
  }
  const named = new Set(last.devices.keys());
  need(same(wanted, named), `${nameOf(client)} takes an epoch for other devices than the logs name`);
  for (const device of named) {
    const key = world.truth.wrapKeys.get(device);
    need(key !== undefined, `${nameOf(client)} takes an epoch with a device that nobody added`);
  }
  const users = new Set([...last.heads.keys()]);
  const members = new Set(last.commit.list.map(({ user }) => toHex(user)));
  need(same(users, members), `${nameOf(client)} takes an epoch of other people than it lists`);
  const outsiders = [...users].filter((user) => !client.membersThen.has(user));
  need(outsiders.length === 0, `${nameOf(client)} takes an epoch with somebody who is no member`);
}

/** Entries and commits count only if who they name signed them, in their place, and had the right. */
function checkBelieved(world: World, client: Client): void {
  for (const { row, before, after, rows } of client.believed.splice(0)) {
    const commit = row.kind === "commit" ? decodeCommit(row.bytes).commit : null;
    const entry = row.kind === "entry" ? decodeRoomEntry(row.bytes).entry : null;
    const device = toHex(commit?.device ?? entry?.device ?? new Uint8Array());
    // The server's marker is signed by nobody.
    if (entry?.op === "erased") continue;
    const signed = world.truth.signed.has(toHex(row.bytes)) || isFoe(world, device);
    need(signed, `${nameOf(client)} takes what nobody signed for valid: ${row.kind} ${row.place}`);
    if (commit) {
      const last = before.room.epochs.last;
      const isNext = commit.epoch === rows && toHex(commit.prev) === toHex(last?.hash ?? new Uint8Array(32));
      need(isNext, `${nameOf(client)} takes a commit for the next that is not`);
      for (const [user, { head }] of last?.heads ?? []) {
        const now = after.room.epochs.last?.heads.get(user)?.head;
        need(!now || now.seq >= head.seq, `${nameOf(client)}: a device log went back`);
      }
    }
    if (entry) {
      const { log } = before.room;
      const isNext = entry.seq === log.rows + 1 && toHex(entry.prev) === toHex(log.head.hash);
      need(isNext, `${nameOf(client)} takes an entry for the next that is not`);
    }
    if (entry?.op === "evict") {
      const target = before.room.log.members.get(toHex(entry.user));
      need(target?.erased === true, `${nameOf(client)} lets somebody be evicted who is not gone`);
    } else if (entry && entry.op !== "create" && entry.op !== "leave") {
      const role = before.room.log.members.get(toHex(entry.author))?.role ?? 0;
      need(role >= 2, `${nameOf(client)} lets somebody ${entry.op} who is no admin`);
    }
  }
}

export interface Pinned {
  log: number;
  pins: ReadonlyMap<string, number>;
}

export function pinned({ state }: Client): Pinned {
  const { log, epochs } = state.room;
  // A pin is of one membership: who comes back begins anew.
  const pins = new Map(
    [...log.members.values()].map((member) => [
      `${toHex(member.user)} ${toHex(member.root)} ${member.since}`,
      pinOf(log, member)?.seq ?? 0,
    ]),
  );
  return { log: epochs.last?.commit.log.seq ?? 0, pins };
}

/** Heads only move forward. */
function checkPins(client: Client, before?: Pinned): void {
  if (!before) return;
  const now = pinned(client);
  need(now.log >= before.log, `${nameOf(client)}: the room log's head went back`);
  for (const [key, seq] of before.pins) {
    need(
      (now.pins.get(key) ?? seq) >= seq || client.undone,
      `${nameOf(client)}: a device log's head went back`,
    );
  }
}

/** Whoever has read the same rows, with the same device logs, believes the same. */
function checkAgreement(world: World): void {
  const states = new Map<string, { client: Client; state: string }>();
  for (const client of world.clients) {
    if (client.wasDeceived) continue;
    const state = publicState(client);
    const other = states.get(client.digest);
    need(
      !other || other.state === state,
      `${nameOf(client)} and ${other ? nameOf(other.client) : ""} read the same and believe different things`,
    );
    states.set(client.digest, { client, state });
  }
}

export function publicState({ state }: Client): string {
  const { log, epochs } = state.room;
  const members = [...log.members]
    .map(([user, { role, erased, root }]) => `${user}${role}${erased}${toHex(root)}`)
    .sort();
  return [
    log.rows,
    toHex(log.head.hash),
    log.deleted,
    epochs.rows,
    epochs.last ? toHex(epochs.last.hash) : "",
    ...members,
  ].join();
}

/** Whether a device signs what it likes: it was stolen, or is its user's who keeps no rule. */
function isFoe(world: World, device: string): boolean {
  return world.people.some(({ name, devices }) =>
    devices.some(({ signer, stolen }) => (stolen || name === "mal") && toHex(signer.id) === device),
  );
}

const same = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  one.size === other.size && [...one].every((item) => other.has(item));

export const nameOf = (client: Client): string => `${client.person.name}/${client.id.slice(0, 4)}`;
