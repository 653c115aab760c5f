import type { Connection } from "../../connect.ts";
import { toBase64url } from "../../crypto/bytes/index.ts";
import { deviceAt, deviceId, hashName, makeIdentity } from "../../crypto/device-log/index.ts";
import type { Suite } from "../../crypto/suite/index.ts";
import { TrackItError } from "../../errors.ts";
import { keptDevice } from "../../store/keys/kept-device.ts";
import type { Keystore } from "../../store/keys/types.ts";
import { run, table } from "../../transport/rest.ts";
import type { Me } from "../core.ts";
import type { Directory } from "../directory.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { Wire } from "../wire.ts";

export interface Enrolment {
  connection: Connection;
  suite: Suite;
  wire: Wire;
  keystore: Keystore;
  directory: Directory;
  /** The keystore was opened here, and not given by the app. */
  isKept: boolean;
}

/**
 * This device in its user's log: as the first of a new identity, or as one that stands there. Another device of the
 * same account has to approve this one, which is not for this call.
 *
 * @throws CRYPTO_DEVICE where the account has devices and this is none of them.
 */
export async function enrol(given: Enrolment, userId: string, action: string): Promise<Me> {
  const { directory, keystore, suite } = given;
  const present = await directory.present(userId, action);
  if (!present) {
    // Without keys that outlast the page nobody could ever come back to this identity.
    if (given.isKept && keystore.place === "memory" && typeof document !== "undefined")
      throw notHere(action, "a session that is not remembered cannot be its account's first device");
    return found(given, userId, action);
  }
  const keys = await keystore.device();
  const user = fromUuid(userId);
  const id = keys && (await deviceId(suite, user, keys.sign));
  if (!id || !deviceAt(present, id)) throw notHere(action, "this device is none of the account's");
  return { ...(await keptDevice(keystore, id)), userId, deviceId: toUuid(id), user, root: present.root };
}

/** A new identity, with this device as its first. An identity before it is retired by the server. */
export async function found(
  given: Enrolment,
  userId: string,
  action: string,
  instead?: Uint8Array,
): Promise<Me> {
  const { connection, directory, keystore, suite, wire } = given;
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
  if (!present || !deviceAt(present, kept.signer.id)) throw notHere(action, "another device was quicker");
  return { ...kept, userId, deviceId: toUuid(kept.signer.id), user, root: present.root };
}

/** As `found`, with new keys where this device has some. */
export async function beginAnew(given: Enrolment, userId: string, action: string): Promise<Me> {
  const keys = await given.keystore.device();
  return found(given, userId, action, keys?.sign);
}

function notHere(action: string, why: string): TrackItError {
  return new TrackItError("CRYPTO_DEVICE", `${action}: ${why}`, {
    hint: "Approve it from another device of the account, or begin anew with devices.startOver()",
  });
}
