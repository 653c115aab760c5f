import { type Bytes, concat, equal } from "../bytes/index.ts";
import { compare, type Head, NO_HEAD } from "../codec.ts";
import { type DeviceKey, devicesAt, isOnLog } from "../device-log/index.ts";
import { type DeviceLogs, erasedSince, type Member, pinKey, type RoomLog } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import type { Recipient } from "./layout.ts";

const NO_ID = new Uint8Array(16);

/** One row of the list to come: without the wrap, with the keys themselves. */
export interface Place {
  user: Bytes;
  root: Bytes;
  head: Head;
  /** Null where the member has none. */
  device: DeviceKey | null;
}

/**
 * The members at that state of the log who are not erased, nor were between it and now.
 *
 * @param now The same log as far as it was read.
 */
export function standingMembers(named: RoomLog, now: RoomLog): Member[] {
  const erased = erasedSince(now, named);
  return [...named.members.values()].filter(({ user, root }) => !erased.has(pinKey(user, root)));
}

/** Who gets a wrap: the devices of the members at the heads that `headOf` gives, in the list's order. */
export function places(
  members: readonly Member[],
  logs: DeviceLogs,
  headOf: (member: Member) => Head | undefined,
): Place[] | null {
  const rows: { place: Place; key: Bytes }[] = [];
  for (const member of members) {
    const log = logs(member.user, member.root);
    const head = headOf(member);
    if (!log || !head || !isOnLog(log, head)) return null;
    const devices = devicesAt(log, head.seq);
    for (const device of devices.length > 0 ? devices : [null]) {
      const place = { user: member.user, root: member.root, head, device };
      rows.push({ place, key: concat(member.user, device?.id ?? NO_ID) });
    }
  }
  return rows.sort((one, other) => compare(one.key, other.key)).map(({ place }) => place);
}

/** Whether each row of a list is of that place, with the hash of that wrap key. */
export async function isListOf(
  suite: Suite,
  list: readonly Recipient[],
  wanted: readonly Place[],
): Promise<boolean> {
  if (list.length !== wanted.length) return false;
  const keys = await Promise.all(wanted.map((place) => wrapKeyHash(suite, place.device)));
  return list.every((row, at) => {
    const place = wanted[at] as Place;
    const empty = !place.device && !equal(row.wrap, NO_HEAD.hash);
    return (
      !empty &&
      equal(row.user, place.user) &&
      equal(row.device, place.device?.id ?? NO_ID) &&
      equal(row.wrapKey, keys[at] as Bytes)
    );
  });
}

/** Of a thousand devices each commit that is made or judged asks for the same ones. */
const known = new WeakMap<Uint8Array, Promise<Bytes>>();

/** SHA-256 of a device's wrap key; zeros for none. */
export async function wrapKeyHash(suite: Suite, device: DeviceKey | null): Promise<Bytes> {
  if (!device) return NO_HEAD.hash;
  const hash = known.get(device.wrapKey) ?? suite.sha256(device.wrapKey);
  known.set(device.wrapKey, hash);
  return hash;
}
