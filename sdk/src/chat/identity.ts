import { equal } from "../crypto/bytes/index.ts";
import { safetyNumber as numberOf } from "../crypto/safety/index.ts";
import { TrackItError } from "../errors.ts";
import type { Core } from "./core.ts";
import { contactName, idOf, personOf, pinContact, verifiedName } from "./people.ts";
import type { KnownIdentity } from "./types.ts";

/** Takes the present identity of somebody for theirs; it is not verified. */
export async function acceptPerson(core: Core, who: string, action: string): Promise<void> {
  const userId = await idOf(core, who, action);
  const log = await core.directory.present(userId, action);
  if (!log) throw new TrackItError("ACCESS_NOT_FOUND", `${action}: ${who} has no keys`);
  const verified = await core.keystore.get(verifiedName(userId));
  await pinContact(core, userId, log.root, verified !== null && equal(verified, log.root));
}

/** Notes that the safety number was compared with somebody. @throws as `personOf` */
export async function verifyPerson(core: Core, who: string, action: string): Promise<void> {
  const { log, userId } = await personOf(core, who, action);
  await pinContact(core, userId, log.root, true);
}

/** What this device knows of somebody, and whether the server says the same. */
export async function identityOf(core: Core, who: string, action: string): Promise<KnownIdentity> {
  const { directory, keystore } = core;
  const userId = await idOf(core, who, action);
  const log = await directory.present(userId, action);
  const known = await keystore.get(contactName(userId));
  const verified = await keystore.get(verifiedName(userId));
  return {
    userId,
    username: log && (await directory.name(log.user, log.root)),
    verified: verified !== null,
    changed: known !== null && log !== null && !equal(known, log.root),
  };
}

export async function safetyNumber(core: Core, who: string): Promise<string> {
  const action = "devices.safetyNumber";
  const log = await core.directory.present(await idOf(core, who, action), action);
  if (!log) throw new TrackItError("ACCESS_NOT_FOUND", `${action}: ${who} has no keys`);
  return numberOf(core.suite, core.me, log);
}
