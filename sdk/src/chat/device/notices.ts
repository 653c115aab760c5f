import { type Bytes, concat, toHex } from "../../crypto/bytes/index.ts";
import { type DeviceKey, type DeviceLog, devicesAt, recoveryKey } from "../../crypto/device-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { isUuid } from "../../ids/uuid7.ts";
import type { Core } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";
import { namesOf } from "../vault/names.ts";
import { ownLog } from "./log.ts";
import type { Device, DeviceNotice } from "./types.ts";

const KNOWN = "devices/known";
const ID_BYTES = 16;

/** Whom this device takes for its user's: all that stood when it came itself, and who was acknowledged since. */
export async function beginNotices(core: Core): Promise<void> {
  const { directory, keystore, me } = core;
  const log = directory.logs(me.user, me.root);
  if (!log || (await keystore.get(KNOWN))) return;
  const value = concat(...devicesAt(log).map(({ id }) => id));
  await keystore.batch([{ record: KNOWN, value }], [{ record: KNOWN, value: null }]);
}

export async function notices(core: Core, action: string): Promise<DeviceNotice[]> {
  const log = await ownLog(core, action);
  const known = idsIn(await core.keystore.get(KNOWN));
  const added = devicesAt(log).filter(({ id }) => !known.has(toHex(id)) && toUuid(id) !== core.me.deviceId);
  if (added.length === 0) return [];
  const names = await namesOf(core).catch(() => new Map<string, string>());
  return added.map((device) => ({ device: shown(core, log, device, names) }));
}

export async function acknowledge(core: Core, id: string, action: string): Promise<void> {
  const log = await ownLog(core, action);
  if (!isUuid(id) || !log.keys.has(toHex(fromUuid(id))))
    throw new TrackItError("ACCESS_NOT_FOUND", `${action}: the account has no device ${id}`);
  for (let isKept = false; !isKept; ) {
    const before = await core.keystore.get(KNOWN);
    if (idsIn(before).has(toHex(fromUuid(id)))) return;
    const value = concat(before ?? new Uint8Array(), fromUuid(id));
    isKept = await core.keystore.batch([{ record: KNOWN, value }], [{ record: KNOWN, value: before }]);
  }
}

export function shown(
  { me }: Core,
  { keys }: DeviceLog,
  { id, kind, signer }: DeviceKey,
  names: ReadonlyMap<string, string>,
): Device {
  const by = keys.get(toHex(signer));
  return {
    id: toUuid(id),
    kind: kind === "temporary" ? "temporary" : "device",
    here: toUuid(id) === me.deviceId,
    name: names.get(toUuid(id)) ?? null,
    addedBy: by && by.kind !== "recovery" && toHex(by.id) !== toHex(id) ? toUuid(by.id) : null,
  };
}

function idsIn(value: Bytes | null): Set<string> {
  const ids = new Set<string>();
  for (let at = 0; at < (value?.length ?? 0); at += ID_BYTES)
    ids.add(toHex((value as Bytes).slice(at, at + ID_BYTES)));
  return ids;
}

/** Whether there is anybody beside this device to keep something for. */
export function hasOthers({ directory, me }: Core): boolean {
  const log = directory.logs(me.user, me.root);
  return log !== undefined && (devicesAt(log).length > 1 || recoveryKey(log) !== undefined);
}
