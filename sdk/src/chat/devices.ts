import { toBase64url } from "../crypto/bytes/index.ts";
import { deviceAt, devicesAt, makeDeviceEntry } from "../crypto/device-log/index.ts";
import { safetyNumber as numberOf } from "../crypto/safety/index.ts";
import { TrackItError } from "../errors.ts";
import { isUuid } from "../ids/uuid7.ts";
import type { Core } from "./core.ts";
import { fromUuid, toUuid } from "./ids.ts";
import { idOf } from "./people.ts";
import type { Device } from "./types.ts";

async function ownLog(core: Core, action: string) {
  const log = await core.directory.present(core.me.userId, action);
  if (log) return log;
  throw new TrackItError("CRYPTO_DEVICE", `${action}: the server does not show the account's devices`);
}

export async function listDevices(core: Core): Promise<Device[]> {
  const log = await ownLog(core, "devices.list");
  return devicesAt(log).map(({ id, kind }) => ({
    id: toUuid(id),
    kind: kind === "temporary" ? "temporary" : "device",
    here: toUuid(id) === core.me.deviceId,
    name: null,
  }));
}

export async function thisDevice(core: Core): Promise<Device> {
  const found = (await listDevices(core)).find(({ here }) => here);
  if (found) return found;
  throw new TrackItError("CRYPTO_DEVICE", "devices.me: this device was revoked");
}

export async function revokeDevice(core: Core, id: string): Promise<void> {
  const action = "devices.revoke";
  const log = await ownLog(core, action);
  if (!isUuid(id) || !deviceAt(log, fromUuid(id)))
    throw new TrackItError("ACCESS_NOT_FOUND", `${action}: the account has no device ${id}`);
  const change = { op: "revoke", keys: [fromUuid(id)], time: Date.now() } as const;
  const entry = await makeDeviceEntry(core.suite, log, change, { signer: core.me.signer });
  await core.wire.ask("append_device_entry", { entry: toBase64url(entry), opening: null }, action);
  await ownLog(core, action);
}

export async function safetyNumber(core: Core, who: string): Promise<string> {
  const action = "devices.safetyNumber";
  const log = await core.directory.present(await idOf(core, who, action), action);
  if (!log) throw new TrackItError("ACCESS_NOT_FOUND", `${action}: ${who} has no keys`);
  return numberOf(core.suite, core.me, log);
}
