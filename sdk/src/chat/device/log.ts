import { type Bytes, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { type DeviceLog, makeDeviceEntry } from "../../crypto/device-log/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import type { Core } from "../core.ts";

const MOST_RACES = 8;

/** @throws CRYPTO_DEVICE */
export async function ownLog(
  core: Pick<Core, "directory"> & { me: { userId: string } },
  action: string,
): Promise<DeviceLog> {
  const log = await core.directory.present(core.me.userId, action);
  if (log) return log;
  throw new TrackItError("CRYPTO_DEVICE", `${action}: the server does not show the account's devices`);
}

/** Appends the next entry to one's own log, as often as it takes where other devices write as well. */
export async function append(
  core: Pick<Core, "wire" | "directory"> & { me: { userId: string } },
  make: (log: DeviceLog) => Promise<Uint8Array>,
  action: string,
): Promise<DeviceLog> {
  for (let races = 0; ; races++) {
    const log = await ownLog(core, action);
    try {
      const posted = { entry: toBase64url(await make(log)), opening: null };
      await core.wire.ask("append_device_entry", posted, action);
      return await ownLog(core, action);
    } catch (error) {
      if (!isTrackItError(error, "CONFLICT_STALE_HEADS") || races > MOST_RACES) throw error;
    }
  }
}

/** Ends devices, as one's own; and what this identity's vault was sealed with is left to whoever stays. */
export async function revokeKeys(
  core: Pick<Core, "directory" | "me" | "suite" | "wire">,
  ids: readonly Bytes[],
  action: string,
): Promise<void> {
  const keys = [...ids].sort((one, other) => (toHex(one) < toHex(other) ? -1 : 1));
  await append(
    core,
    (log) =>
      makeDeviceEntry(core.suite, log, { op: "revoke", keys, time: Date.now() }, { signer: core.me.signer }),
    action,
  );
}
