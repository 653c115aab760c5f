import { type Bytes, equal, fromBase64url, toHex } from "../../crypto/bytes/index.ts";
import { commitHash, decodeCommit } from "../../crypto/epoch/index.ts";
import {
  type Group,
  type GroupEffect,
  keysOf,
  type Row,
  readAhead,
  withSecret,
} from "../../crypto/group/index.ts";
import type { Change } from "../../store/keys/types.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import type { WireRow } from "../wire.ts";
import { wantsIn } from "./rows.ts";

/** A row as the protocol takes it, and as the server gave it. */
export interface Told {
  row: Row;
  from: WireRow;
}

/** What a row came to. */
export interface Folded extends Told {
  effect: GroupEffect;
}

/** Rows that are begun at once. */
const AHEAD = 50;

export const secretName = (room: Uint8Array, commit: Uint8Array): string => `${toHex(room)}/${toHex(commit)}`;

/**
 * Takes the next rows of a room: reads the device logs that they name, judges them in order, and keeps the secrets of
 * epochs that were found valid.
 *
 * @param took Told after each row, with the room as it is then.
 */
// message path 8: verified and opened
export async function foldRows(
  core: Core,
  start: Group,
  cipher: { apply: CipherApply },
  rows: readonly Told[],
  took: (group: Group, folded: Folded) => void | Promise<void>,
): Promise<Group> {
  const { directory, suite } = core;
  let group = start;
  const room = start.room.log.room;
  const next = group.room.transcript.place.seq + 1;
  const later = rows.filter(({ row }) => row.place >= next);
  const wanted = later.sort(({ row: one }, { row: other }) => one.place - other.place);
  // Entries first: a commit names users, and their roots stand in entries.
  const [entries, others] = [wanted.filter(isEntry), wanted.filter((row) => !isEntry(row))];
  await directory.ensure(entries.flatMap(wants), "rooms");
  await directory.ensure(others.flatMap(wants), "rooms");
  const wraps = await wrapsFor(core, group, wanted);
  for (const part of parts(wanted)) {
    const ready = part.map(({ row }) => row);
    const begun = part.length > 1 ? readAhead(suite, group, ready, directory.logs) : ready;
    for (const [at, row] of begun.entries()) {
      const { from } = part[at] as Told;
      if (row.place !== group.room.transcript.place.seq + 1) return group; // A gap: what is missing is read first.
      const wrap = row.kind === "commit" ? (wraps.get(numberOf(row.bytes)) ?? null) : null;
      const applied = await cipher.apply(group, row, { devices: directory.logs, wrap });
      group = applied.state;
      const effect = row.kind === "commit" ? await withKept(applied.effect) : applied.effect;
      await took(group, { row, from, effect });
    }
  }
  return group;

  /** The secret of an epoch: kept from before, or kept now. */
  async function withKept(effect: GroupEffect): Promise<GroupEffect> {
    const { epoch } = effect;
    if (!epoch) return effect;
    const name = secretName(room, epoch.hash);
    const found = effect.readable ? keysOf(group)?.secret : await core.keystore.secret(name);
    if (!found) return effect;
    if (!effect.readable) {
      group = await withSecret(suite, group, epoch.number, found);
      return { ...effect, readable: keysOf(group) !== undefined };
    }
    const keep: Change | null = core.me.keep(name, found);
    if (keep) await core.keystore.batch([keep]);
    core.stirred();
    return effect;
  }
}

type CipherApply = (
  state: Group,
  row: Row,
  given: { devices: Core["directory"]["logs"]; wrap?: Uint8Array | null },
) => Promise<{ state: Group; effect: GroupEffect }>;

const isEntry = ({ row }: Told): boolean => row.kind === "entry";

const wants = ({ row, from }: Told) => wantsIn(from.kind, row.bytes, from.by);

/** Runs of messages, and everything else by itself: what is begun early rests on the epoch at that time. */
function parts(rows: readonly Told[]): Told[][] {
  const all: Told[][] = [];
  for (const one of rows) {
    const last = all.at(-1);
    const areMessages = last && one.from.kind === "message" && last[0]?.from.kind === "message";
    if (areMessages && last.length < AHEAD) last.push(one);
    else all.push([one]);
  }
  return all;
}

function numberOf(commit: Uint8Array): number {
  try {
    return decodeCommit(commit).commit.epoch;
  } catch {
    return 0;
  }
}

/** This device's wraps for commits whose secret it has not kept. */
async function wrapsFor(
  { keystore, me, suite, wire }: Core,
  { room }: Group,
  rows: readonly Told[],
): Promise<Map<number, Bytes>> {
  const wraps = new Map<number, Bytes>();
  const commits = rows.filter(({ row }) => row.kind === "commit");
  if (commits.length === 0) return wraps;
  const kept = new Set(await keystore.secrets(`${toHex(room.log.room)}/`));
  const missing: number[] = [];
  for (const { row } of commits) {
    const { bytes } = row;
    if (!kept.has(secretName(room.log.room, await commitHash(suite, bytes)))) missing.push(numberOf(bytes));
  }
  const least = Math.min(...missing);
  for (let after = least - 1; missing.length > 0; ) {
    const args = { room: toUuid(room.log.room), device: toUuid(me.signer.id), after };
    const found = await wire.ask<{ epoch: number; wrap: string }[]>("room_wraps", args, "rooms");
    for (const { epoch, wrap } of found) if (missing.includes(epoch)) wraps.set(epoch, fromBase64url(wrap));
    const last = found.at(-1)?.epoch ?? 0;
    if (found.length < MOST_WRAPS || last >= Math.max(...missing)) break;
    after = last;
  }
  return wraps;
}

/** The most that the database gives at a time. */
const MOST_WRAPS = 500;

/** Whether a message's device is this one. */
export const isOwnDevice = (core: Core, device: Uint8Array): boolean => equal(core.me.signer.id, device);
