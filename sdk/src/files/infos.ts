import { toUuid } from "../chat/ids.ts";
import { fromBase64url, toBase64url } from "../crypto/bytes/index.ts";
import { decodeFileInfo, encodeFileInfo, type FileInfo } from "../crypto/file/index.ts";
import { itemHead } from "../crypto/vault/index.ts";
import { isTrackItError } from "../errors.ts";
import type { Keystore } from "../store/keys/types.ts";
import type { Desk } from "./desk.ts";
import type { FileProblem } from "./types.ts";
import type { FileRow } from "./wire.ts";

/** What this device has seen of a file: nothing older is taken again. */
interface Seen {
  /** Version of the sealed item, and what it was. */
  item: number;
  hash: string;
  /** Highest version of the content. */
  content: number;
  /** Its info, where it came by a message, and whose message and file. */
  info?: string;
  owner?: string;
}

const PREFIX = "file/";
/** From a seal of the row to the next. Between them is room for those of versions that newer ones have overtaken. */
const STEP = 65_536;
const UNREADABLE: FileProblem = {
  cause: "this device has no key for it",
  next: "open a device that has: keys come by themselves",
};
const OLD: FileProblem = {
  cause: "the server shows an older state than was seen here, or one of a device that was revoked",
  next: "nothing is opened; look at it on a device that knows the file",
};

async function seenOf(keystore: Keystore, id: string): Promise<Seen | null> {
  const value = await keystore.get(PREFIX + id);
  return value ? JSON.parse(new TextDecoder().decode(value)) : null;
}

/**
 * Whether this device has opened or sealed what gives access to a file. From then on it is sealed whatever the server
 * says of it: as a plain one, the next version's content and name would be sent to be read.
 */
export async function isPinned(desk: Desk, id: string, action: string): Promise<boolean> {
  const { keystore } = await desk.keys.station(action);
  return (await seenOf(keystore, id)) !== null;
}

async function see(keystore: Keystore, id: string, seen: Seen): Promise<void> {
  await keystore.batch([{ record: PREFIX + id, value: new TextEncoder().encode(JSON.stringify(seen)) }]);
}

/**
 * Seals what gives access to a version of an own file, for the account's devices.
 *
 * It counts as seen when the server shows it, and not before: of two devices that seal at once, one is refused.
 *
 * @param over What it is to stand in place of, if anything: the new one's number is higher.
 * @param overtaken It is for a version alone, of which the row has a newer one by now: so its number is between this and
 * the next of the row, and by the version's no other's.
 */
export async function sealInfo(
  desk: Desk,
  info: FileInfo,
  over: string | null,
  action: string,
  overtaken = false,
): Promise<string> {
  const vault = await desk.vaultFor(action);
  const { keystore } = await desk.keys.station(action);
  const id = toUuid(info.id);
  const seen = await seenOf(keystore, id);
  // That it is sealed is known from now on, though nothing of it was seen yet.
  if (!seen) await see(keystore, id, { item: 0, hash: "", content: 0 });
  const last = Math.max(seen?.item ?? 0, numberOf(over));
  const next = last - (last % STEP) + STEP;
  const item = overtaken ? next - STEP + (info.version % STEP) : next;
  return toBase64url(await vault.seal(info.id, item, { kind: "file", info }));
}

function numberOf(sealed: string | null): number {
  if (!sealed) return 0;
  try {
    return itemHead(fromBase64url(sealed)).version;
  } catch (error) {
    if (isTrackItError(error, "CRYPTO_OPEN_FAILED")) return 0; // No seal at all.
    throw error;
  }
}

export type Opened = { info: FileInfo; problem: null } | { info: null; problem: FileProblem };

/** Opens what an own file's row has sealed, or what a message has told of another's. */
export async function openInfo(desk: Desk, row: FileRow, action: string): Promise<Opened> {
  const { keystore } = await desk.keys.station(action);
  const seen = await seenOf(keystore, row.id);
  if (seen?.info && seen.owner === row.owner_id)
    return { info: decodeFileInfo(fromBase64url(seen.info)), problem: null };
  if (!row.sealed || (await desk.me(action)) !== row.owner_id) return { info: null, problem: UNREADABLE };
  return openSealed(desk, { id: row.id, sealed: row.sealed, version: row.content_version ?? 1 }, action);
}

/** @param sealed.older A version before the present one: pinned by its number, not by what was seen last. */
export async function openSealed(
  desk: Desk,
  sealed: { id: string; sealed: string; version: number; older?: boolean },
  action: string,
): Promise<Opened> {
  const { keystore } = await desk.keys.station(action);
  const vault = await vaultOr(desk, action);
  if (!vault) return { info: null, problem: UNREADABLE };
  const kept = await seenOf(keystore, sealed.id);
  // What somebody else has told of an id says nothing of an own file.
  const seen = kept?.info ? null : kept;
  const bytes = fromBase64url(sealed.sealed);
  const hash = toBase64url(await desk.suite.sha256(bytes));
  const isKnown = seen?.hash === hash;
  try {
    const given = isKnown || sealed.older ? {} : { version: seen?.item ?? 1 };
    const item = await vault.unseal(bytes, { ...given, isKnown: isKnown || sealed.older === true });
    if (!item) return { info: null, problem: UNREADABLE };
    const info = item.payload.kind === "file" ? item.payload.info : null;
    const isRight = info && toUuid(info.id) === sealed.id && info.version === sealed.version;
    // The database takes one seal of a number: of two, the server has made up when it shows which.
    const isTwin = !isKnown && item.version === seen?.item;
    if (!isRight || (!sealed.older && (isTwin || info.version < (seen?.content ?? 1))))
      return { info: null, problem: OLD };
    if (!isKnown && !sealed.older)
      await see(keystore, sealed.id, { item: item.version, hash, content: info.version });
    return { info, problem: null };
  } catch (error) {
    if (!isTrackItError(error, "CRYPTO_OPEN_FAILED")) throw error;
    return { info: null, problem: OLD };
  }
}

/**
 * Keeps what its owner's message has told: the file can be read from then on. What was sealed here, or told by somebody
 * else, stays: a server that gives a file another owner cannot have it told anew.
 */
export async function keepInfo(desk: Desk, owner: string, info: FileInfo, action: string): Promise<void> {
  const { keystore } = await desk.keys.station(action);
  const id = toUuid(info.id);
  const seen = await seenOf(keystore, id);
  if (seen && (seen.owner !== owner || seen.content > info.version)) return;
  await see(keystore, id, {
    item: 0,
    hash: "",
    content: info.version,
    info: toBase64url(encodeFileInfo(info)),
    owner,
  });
}

/** A list is shown also where the device is none of the account's: its names are not. */
async function vaultOr(desk: Desk, action: string) {
  try {
    return await desk.vault(action);
  } catch (error) {
    if (isTrackItError(error, "CRYPTO_DEVICE")) return null;
    throw error;
  }
}
