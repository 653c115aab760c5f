import { utf8 } from "../../crypto/bytes/index.ts";
import { deviceAt } from "../../crypto/device-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { isUuid } from "../../ids/uuid7.ts";
import type { Core } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";
import { Vault } from "./vault.ts";

const MOST_BYTES = 100;

/** The names that devices were given, by id; empty where there is no vault. */
export async function namesOf(core: Core): Promise<Map<string, string>> {
  const vault = await Vault.open(core);
  await vault?.sync();
  return new Map((vault?.all("deviceName") ?? []).map(([id, { name }]) => [toUuid(id), name]));
}

/** @throws ACCESS_NOT_FOUND, USAGE_INVALID */
export async function renameDevice(core: Core, id: string, name: string): Promise<void> {
  const action = "devices.rename";
  const text = typeof name === "string" ? name.trim() : "";
  if (text === "" || utf8(text).length > MOST_BYTES)
    throw invalid(action, "name", name, `1 to ${MOST_BYTES} bytes of text`);
  const log = await core.directory.present(core.me.userId, action);
  if (!isUuid(id) || !log || !deviceAt(log, fromUuid(id)))
    throw new TrackItError("ACCESS_NOT_FOUND", `${action}: the account has no device ${id}`);
  const vault = await Vault.open(core, { make: true });
  await vault?.put([fromUuid(id), { kind: "deviceName", name: text.normalize() }]);
}
