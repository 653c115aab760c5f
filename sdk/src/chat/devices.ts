import { equal } from "../crypto/bytes/index.ts";
import { addedBy, deviceAt, devicesAt } from "../crypto/device-log/index.ts";
import { TrackItError } from "../errors.ts";
import { isUuid } from "../ids/uuid7.ts";
import type { Core } from "./core.ts";
import { ownLog, revokeKeys } from "./device/log.ts";
import { shown } from "./device/notices.ts";
import { fromUuid } from "./ids.ts";
import type { Device } from "./types.ts";
import { namesOf } from "./vault/names.ts";
import { Vault } from "./vault/vault.ts";

export async function listDevices(core: Core): Promise<Device[]> {
  const log = await ownLog(core, "devices.list");
  const names = await namesOf(core);
  return devicesAt(log).map((device) => shown(core, log, device, names));
}

export async function thisDevice(core: Core, action = "devices.me"): Promise<Device> {
  return deviceOf(core, core.me.deviceId, action);
}

export async function deviceOf(core: Core, id: string, action: string): Promise<Device> {
  const log = await ownLog(core, action);
  const device = deviceAt(log, fromUuid(id));
  if (device) return shown(core, log, device, await namesOf(core));
  throw new TrackItError("CRYPTO_DEVICE", `${action}: this device was revoked`);
}

/** @param options.withAdded Also what it let in, and what those did: devices, and a recovery code that it made. */
export async function revokeDevice(
  core: Core,
  id: string,
  { withAdded = false }: { withAdded?: boolean } = {},
): Promise<void> {
  const action = "devices.revoke";
  const log = await ownLog(core, action);
  const device = isUuid(id) ? deviceAt(log, fromUuid(id)) : undefined;
  if (!device) throw new TrackItError("ACCESS_NOT_FOUND", `${action}: the account has no device ${id}`);
  const added = withAdded ? addedBy(log, device.id).filter((key) => !equal(key.id, core.me.signer.id)) : [];
  await revokeKeys(core, [device.id, ...added.map((key) => key.id)], action);
  // What devices keep for each other is closed to it at once; rooms are with the next that is said there.
  if (id.toLowerCase() !== core.me.deviceId) await (await Vault.open(core))?.rotate();
}
