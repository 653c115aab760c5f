import { equal } from "../bytes/index.ts";
import { NO_HEAD } from "../codec.ts";
import { type DeviceLog, devicesAt, isAhead } from "../device-log/index.ts";
import { type DeviceLogs, type Member, pinOf } from "../room-log/index.ts";
import type { CommitReason } from "./layout.ts";
import type { EpochRoom } from "./state.ts";

/** Seven days: docs/protocol.md §20.1. A matter of clients, never of validity. */
const MOST_AGE = 7 * 24 * 3600 * 1000;
/** In an hour, for each device and room. */
const MOST_REPAIRS = 3;

/**
 * Why a commit has to go before the next send; null if none has.
 *
 * @param given.readable Whether this device has the last epoch's secret.
 * @param given.now Milliseconds.
 * @param given.arrived When the last commit was first seen here: a committer's clock may be far ahead.
 * @param given.repairs How many repairs this device has made here in the last hour.
 * @see docs/protocol.md §20.1
 */
export function due(
  room: EpochRoom,
  logs: DeviceLogs,
  given: { readable: boolean; now: number; arrived?: number; repairs?: number },
): CommitReason | null {
  const { last, rows } = room.epochs;
  if (!last) return "first";
  const change = changed(room, logs);
  if (change) return change;
  if (rows > last.number) return "asked"; // The last number is burned: nothing can be sent in it.
  if (!given.readable && (given.repairs ?? 0) < MOST_REPAIRS) return "repair";
  const begun = Math.min(last.commit.time, given.arrived ?? Number.POSITIVE_INFINITY);
  return given.now - begun > MOST_AGE ? "age" : null;
}

/** Whether members or devices are others than those of the last valid commit. */
export function changed({ log, epochs }: EpochRoom, logs: DeviceLogs): "members" | "devices" | null {
  const heads = epochs.last?.heads ?? new Map();
  const members = [...log.members].filter(([, { erased }]) => !erased);
  const isKnown = ([user, { root }]: [string, Member]) => equal(heads.get(user)?.root ?? NO_HEAD.hash, root);
  if (members.length !== heads.size || !members.every(isKnown)) return "members";
  const isSame = ([key, { user, root }]: [string, Member]): boolean => {
    const { head } = heads.get(key) ?? { head: NO_HEAD };
    const now = logs(user, root);
    if (!now || !isAhead(now, now.head, pinOf(log, { user, root }))) return false;
    return now.head.seq === head.seq || sameDevices(now, head.seq);
  };
  return members.every(isSame) ? null : "devices";
}

function sameDevices(log: DeviceLog, seq: number): boolean {
  const [before, now] = [devicesAt(log, seq), devicesAt(log)];
  return before.length === now.length && before.every(({ id }, at) => equal(id, now[at]?.id ?? NO_HEAD.hash));
}
