import { deviceAt, devicesAt } from "../crypto/device-log/index.ts";
import { safetyNumber as numberOf } from "../crypto/safety/index.ts";
import { TrackItError } from "../errors.ts";
import { isUuid } from "../ids/uuid7.ts";
import type { Core } from "./core.ts";
import { ownLog, revokeKeys } from "./device/log.ts";
import { shown } from "./device/notices.ts";
import { fromUuid } from "./ids.ts";
import { idOf } from "./people.ts";
import type { Device } from "./types.ts";
import { namesOf } from "./vault/names.ts";
import { Vault } from "./vault/vault.ts";

export async function listDevices(core: Core): Promise<Device[]> {
  const log = await ownLog(core, "devices.list");
  const names = await namesOf(core);
  return devicesAt(log).map((device) => shown(core, device, names));
}

export async function thisDevice(core: Core, action = "devices.me"): Promise<Device> {
  return deviceOf(core, core.me.deviceId, action);
}

export async function deviceOf(core: Core, id: string, action: string): Promise<Device> {
  const device = deviceAt(await ownLog(core, action), fromUuid(id));
  if (device) return shown(core, device, await namesOf(core));
  throw new TrackItError("CRYPTO_DEVICE", `${action}: this device was revoked`);
}

export async function revokeDevice(core: Core, id: string): Promise<void> {
  const action = "devices.revoke";
  const log = await ownLog(core, action);
  if (!isUuid(id) || !deviceAt(log, fromUuid(id)))
    throw new TrackItError("ACCESS_NOT_FOUND", `${action}: the account has no device ${id}`);
  await revokeKeys(core, [fromUuid(id)], action);
  // What devices keep for each other is closed to it at once; rooms are with the next that is said there.
  if (id.toLowerCase() !== core.me.deviceId) await (await Vault.open(core))?.rotate();
}

export async function safetyNumber(core: Core, who: string): Promise<string> {
  const action = "devices.safetyNumber";
  const log = await core.directory.present(await idOf(core, who, action), action);
  if (!log) throw new TrackItError("ACCESS_NOT_FOUND", `${action}: ${who} has no keys`);
  return numberOf(core.suite, core.me, log);
}
