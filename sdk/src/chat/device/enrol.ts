import { equal, toBase64url } from "../../crypto/bytes/index.ts";
import { type DeviceLog, deviceAt, deviceId, hashName, makeIdentity } from "../../crypto/device-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { keptDevice } from "../../store/keys/kept-device.ts";
import { run, table } from "../../transport/rest.ts";
import type { Me, Station } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";

/** The root of the identity that this device has been one of, once it was. */
const IDENTITY = "identity";

/**
 * This device in its user's log: as the first of a new identity, or as one that stands there. Another device of the
 * same account has to approve this one, which is not for this call.
 *
 * @throws CRYPTO_DEVICE where the account has devices and this is none of them, CRYPTO_HISTORY where the server shows
 * none although this was one: nobody begins anew because of that.
 */
export async function enrol(station: Station, action: string): Promise<Me> {
  const { directory, keystore, userId } = station;
  const present = await directory.present(userId, action);
  const before = await keystore.get(IDENTITY);
  if (!present && before)
    throw new TrackItError(
      "CRYPTO_HISTORY",
      `${action}: the server shows no devices of this account any more`,
      {
        hint: "This device was one of them. devices.startOver() begins anew",
        details: { userId },
      },
    );
  const me = present ? await placeIn(station, present) : await found(station, action);
  if (!me) throw notHere(action, "this device is none of the account's");
  if (!before || !equal(before, me.root)) await keystore.batch([{ record: IDENTITY, value: me.root }]);
  return me;
}

/** This device as it stands in a log; null where it does not. */
export async function placeIn({ keystore, suite, userId }: Station, log: DeviceLog): Promise<Me | null> {
  const keys = await keystore.device();
  const user = fromUuid(userId);
  const id = keys && (await deviceId(suite, user, keys.sign));
  if (!id || !deviceAt(log, id)) return null;
  return { ...(await keptDevice(keystore, id)), userId, deviceId: toUuid(id), user, root: log.root };
}

/** A new identity, with this device as its first. An identity before it is retired by the server. */
async function found(station: Station, action: string, instead?: Uint8Array): Promise<Me> {
  const { connection, directory, keystore, suite, userId, wire } = station;
  // Without keys that outlast the session nobody could ever come back to this identity.
  if (station.temporary || !station.lasting)
    throw notHere(action, "a session that is not remembered cannot be its account's first device");
  const user = fromUuid(userId);
  const keys = await keystore.generate(instead ? { instead } : {});
  const kept = await keptDevice(keystore, await deviceId(suite, user, keys.sign));
  const [profile] = await run(table(connection.client, "profiles").select("*").eq("id", userId), action);
  const { nameHash, opening } = await hashName(suite, profile?.username ?? userId);
  const first = { user, device: kept.signer, wrapKey: keys.wrap, nameHash, time: Date.now() };
  const { entry } = await makeIdentity(suite, first);
  const posted = { entry: toBase64url(entry), opening: toBase64url(opening) };
  await wire.ask("append_device_entry", posted, action);
  const present = await directory.present(userId, action);
  const me = present && (await placeIn(station, present));
  if (!me) throw notHere(action, "another device was quicker");
  return me;
}

/** As the first of a new identity, with new keys where this device has some. */
export async function beginAnew(station: Station, action: string): Promise<Me> {
  const keys = await station.keystore.device();
  return found(station, action, keys?.sign);
}

export function notHere(action: string, why: string): TrackItError {
  return new TrackItError("CRYPTO_DEVICE", `${action}: ${why}`, {
    hint: "Approve it from another device of the account, come back with a recovery code, or devices.startOver()",
  });
}
