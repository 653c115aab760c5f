import { type Bytes, equal, fromBase64url, toBase64url, toHex } from "../crypto/bytes/index.ts";
import type { DeviceLog } from "../crypto/device-log/index.ts";
import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { isUuid } from "../ids/uuid7.ts";
import { call } from "../transport/rest.ts";
import { checkAnswer } from "./answers.ts";
import type { Core } from "./core.ts";
import { fromUuid } from "./ids.ts";

/** Somebody by the identity that this device knows them by. */
export interface Person {
  userId: string;
  username: string | null;
  log: DeviceLog;
}

const VERIFIED = "verified/";
/** The keystore's record of the root for which the safety number was compared. */
export const verifiedName = (userId: string): string => VERIFIED + userId;

export const contactName = (userId: string): string => `contact/${userId}`;

/** The id behind a username or an id. @throws ACCESS_NOT_FOUND */
export async function idOf(core: Core, who: string, action: string): Promise<string> {
  if (isUuid(who)) return who.toLowerCase();
  if (typeof who !== "string" || who === "") throw invalid(action, "who", who, "a username, or an id");
  const { client } = core.connection;
  const found = (await call(client, "lookup_profile", { username: who }, action)) as unknown as {
    id: string;
  } | null;
  checkAnswer("lookup_profile", found, action);
  if (found) return found.id;
  throw new TrackItError("ACCESS_NOT_FOUND", `${action}: there is nobody called ${who}`);
}

/**
 * Somebody, with their log read and verified. First contact is trusted and kept; afterwards another identity under the
 * same account is not.
 *
 * @throws ACCESS_NOT_FOUND, USAGE_REFERENCE for an account without keys, CRYPTO_IDENTITY
 */
export async function personOf(core: Core, who: string, action: string): Promise<Person> {
  const userId = await idOf(core, who, action);
  const log = await core.directory.present(userId, action);
  if (!log || log.head.seq === 0)
    throw new TrackItError("USAGE_REFERENCE", `${action}: ${who} has no keys yet`, {
      hint: "They have them as soon as they use rooms for the first time",
    });
  const username = await core.directory.name(log.user, log.root);
  // Whoever was asked for by name has to have signed that name, or the server has answered with somebody else.
  const asked: string = who;
  if (!isUuid(who) && username?.toLowerCase() !== asked.toLowerCase())
    throw doubtful(
      core,
      userId,
      `${action}: the server says that ${who} is somebody who calls themselves ${username}`,
    );
  const known = await core.keystore.get(contactName(userId));
  if (known && !equal(known, log.root))
    throw doubtful(core, userId, `${action}: ${username ?? userId} has another identity than before`);
  if (!known) await pinContact(core, userId, log.root);
  return { userId, username, log };
}

/** Whose identity was verified, by user in hex: whoever has another one is a stranger. */
export async function verifiedRoots({ keystore }: Pick<Core, "keystore">): Promise<Map<string, Bytes>> {
  const found = await keystore.list(VERIFIED);
  return new Map(found.map(([name, root]) => [toHex(fromUuid(name.slice(VERIFIED.length))), root]));
}

export async function pinContact(
  { keystore, stirred }: Core,
  userId: string,
  root: Bytes,
  verified = false,
): Promise<void> {
  const value = fromBase64url(toBase64url(root));
  await keystore.batch([
    { record: contactName(userId), value },
    { record: verifiedName(userId), value: verified ? value : null },
  ]);
  stirred();
}

function doubtful(core: Core, userId: string, message: string): TrackItError {
  core.alarms.emit("alarm", { kind: "identity", roomId: null, userId, message });
  return new TrackItError("CRYPTO_IDENTITY", message, {
    hint: "Compare devices.safetyNumber() with them by another way, then devices.accept()",
    details: { userId },
  });
}
