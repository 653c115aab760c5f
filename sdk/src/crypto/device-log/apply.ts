import { type Bytes, equal, toHex } from "../bytes/index.ts";
import { isSigningKey, isWrapKey, type Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { judge, type Rule, type Verdict } from "../verdict.ts";
import { type DeviceEntry, decodeDeviceEntry, type SignedDeviceEntry } from "./layout.ts";
import { type DeviceKey, type DeviceLog, devicesAt, keyAt } from "./state.ts";

export type DeviceVoid =
  | "malformed"
  | "place"
  | "key"
  | "reused"
  | "right"
  | "target"
  | "limit"
  | "signature";

interface Case extends SignedDeviceEntry {
  suite: Suite;
  log: DeviceLog;
  hash: Bytes;
  /** The key that the entry adds, if it does. */
  fresh: DeviceKey | undefined;
  signer: DeviceKey | undefined;
}

const MOST_DEVICES = 32;
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** First 16 bytes of H(tag, user ‖ signing key). */
export async function deviceId(suite: Suite, user: Uint8Array, signingKey: Uint8Array): Promise<Bytes> {
  return (await suite.hash(TAGS.deviceId, user, signingKey)).slice(0, 16);
}

/** docs/protocol.md §9.3, in its order. */
export const DEVICE_RULES: readonly Rule<Case, DeviceVoid>[] = [
  ["place", ({ entry, log, hash }) => isInPlace(entry, log, hash)],
  ["key", ({ entry, fresh }) => !fresh || (isSigningKey(fresh.signingKey) && hasWrapKey(entry))],
  ["reused", ({ log, fresh }) => !fresh || isNew(log, fresh)],
  ["right", ({ entry, signer }) => signer !== undefined && mayDo(entry, signer)],
  ["target", ({ entry, log }) => entry.op !== "revoke" || entry.keys.every((key) => keyAt(log, key))],
  ["limit", ({ entry, log }) => entry.op !== "add" || devicesAt(log).length < MOST_DEVICES],
  ["signature", isSigned],
];

/**
 * Judges the next row of a device log and applies it. A void row burns its number and changes nothing else.
 *
 * @param log State after the rows before.
 * @param bytes The row as the server gave it.
 */
export async function applyDeviceEntry(
  suite: Suite,
  log: DeviceLog,
  bytes: Uint8Array,
  rules = DEVICE_RULES,
): Promise<{ log: DeviceLog; verdict: Verdict<DeviceVoid> }> {
  const burned = { ...log, rows: log.rows + 1 };
  const given = await read(suite, log, bytes).catch(() => null);
  if (!given) return { log: burned, verdict: { void: "malformed" } };
  const verdict = await judge(rules, given);
  return { log: verdict === "valid" ? applied(burned, given) : burned, verdict };
}

async function read(suite: Suite, log: DeviceLog, bytes: Uint8Array): Promise<Case> {
  const signed = decodeDeviceEntry(bytes);
  const { entry, body } = signed;
  const fresh = await freshKey(suite, entry);
  const first = entry.seq === 1 && fresh && equal(fresh.id, entry.signer);
  const signer = first ? fresh : keyAt(log, entry.signer);
  return { ...signed, suite, log, fresh, signer, hash: await suite.hash(TAGS.deviceEntry, body) };
}

async function freshKey(suite: Suite, entry: DeviceEntry): Promise<DeviceKey | undefined> {
  if (entry.op !== "add" && entry.op !== "recovery") return undefined;
  const { signingKey, signer, seq: added } = entry;
  const id = await deviceId(suite, entry.user, signingKey);
  if (entry.op === "recovery") {
    return { id, kind: "recovery", signingKey, wrapKey: new Uint8Array(), signer, added, revoked: null };
  }
  const kind = entry.temporary ? "temporary" : "device";
  return { id, kind, signingKey, wrapKey: entry.wrapKey, signer, added, revoked: null };
}

function isInPlace(entry: DeviceEntry, log: DeviceLog, hash: Uint8Array): boolean {
  const first = entry.seq === 1;
  const named = !first && entry.op === "add" ? isZero(entry.nameHash) : true;
  const opens = entry.op === "add" && !entry.temporary && isZero(entry.root) && !isZero(entry.nameHash);
  return (
    equal(entry.user, log.user) &&
    entry.seq === log.rows + 1 &&
    equal(entry.prev, log.head.hash) &&
    named &&
    (first ? opens && equal(hash, log.root) : log.head.seq > 0 && equal(entry.root, log.root))
  );
}

const hasWrapKey = (entry: DeviceEntry): boolean => entry.op !== "add" || isWrapKey(entry.wrapKey);

/** Keys are never taken back, or an old signature would count again. */
function isNew(log: DeviceLog, fresh: DeviceKey): boolean {
  const wrapKeys = [...log.keys.values()].filter((key) => key.wrapKey.length > 0);
  return !log.keys.has(toHex(fresh.id)) && !wrapKeys.some((key) => equal(key.wrapKey, fresh.wrapKey));
}

function mayDo(entry: DeviceEntry, signer: DeviceKey): boolean {
  if (signer.kind === "device") return true;
  if (signer.kind === "recovery") return entry.op === "add" || entry.op === "revoke";
  return entry.op === "revoke" && entry.keys.every((key) => equal(key, signer.id));
}

async function isSigned({ suite, hash, signer, fresh, signature, added }: Case): Promise<boolean> {
  if (!signer) return false;
  const proven = fresh
    ? await suite.verify(fresh.signingKey, added, TAGS.deviceKeySig, hash, fresh.id)
    : isZero(added);
  return proven && suite.verify(signer.signingKey, signature, TAGS.deviceEntrySig, hash, signer.id);
}

function applied(log: DeviceLog, { entry, fresh, hash }: Case): DeviceLog {
  const { seq } = entry;
  const keys = new Map(log.keys);
  const ends = (key: DeviceKey): boolean =>
    (entry.op === "revoke" && entry.keys.some((id) => equal(id, key.id))) ||
    (entry.op === "recovery" && key.kind === "recovery");
  for (const [name, key] of keys) {
    if (key.revoked === null && ends(key)) keys.set(name, { ...key, revoked: seq });
  }
  if (fresh) keys.set(toHex(fresh.id), fresh);
  const named = entry.op === "rename" || (entry.op === "add" && seq === 1);
  const { hashes, names } = own(log);
  return {
    ...log,
    head: { seq, hash },
    entries: log.entries + 1,
    hashes: hashes.set(seq, hash),
    keys,
    names: named ? names.set(seq, entry.nameHash) : names,
  };
}

/** Maps that nobody has gone on from are gone on with: a long log would otherwise be copied once for each entry. */
function own({ entries, hashes, names, head }: DeviceLog): Record<"hashes" | "names", Map<number, Bytes>> {
  const isEnd = hashes.size === entries;
  const part = (map: ReadonlyMap<number, Bytes>) =>
    isEnd ? (map as Map<number, Bytes>) : new Map([...map].filter(([seq]) => seq <= head.seq));
  return { hashes: part(hashes), names: part(names) };
}
