import { type Bytes, equal, fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { compare, decode, encode, hash, id, struct, u64 } from "../../crypto/codec.ts";
import { recoveryKey } from "../../crypto/device-log/index.ts";
import { type BackupContent, openBackup, pins as pinsField, sealBackup } from "../../crypto/devices.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { allRooms } from "../approval/hand-over.ts";
import { collectPins } from "../approval/pins.ts";
import type { Core } from "../core.ts";
import { ownLog } from "../device/log.ts";
import { keptEpochs } from "../room/secrets.ts";
import { Vault } from "../vault/vault.ts";
import { fitting } from "./fitting.ts";

const LAST = "backup/last";
/** What this device put last: for which code, what it was, under which number, and how much had no place. */
const Last = struct({ key: id, content: hash, number: u64, omitted: u64 });
const MOST_RACES = 5;
const NOTHING: BackupContent = { pins: { contacts: [], rooms: [] }, secrets: [] };

interface WireBackup {
  root: string;
  number: number;
  backup: string;
  at: string;
}

interface Key {
  id: Bytes;
  key: Bytes;
}

type Secret = BackupContent["secrets"][number];

/**
 * Seals what a recovery code brings back, and leaves it at the server: what is there already from another device, and
 * what this one reads.
 *
 * @param options.ifThere Nothing is thrown where there is no code, or this device cannot back up for it.
 * @returns whether there was something new.
 * @throws CRYPTO_RECOVERY, LIMIT_SIZE
 */
export async function backUp(core: Core, action: string, { ifThere = false } = {}): Promise<boolean> {
  const key = await backupKeyOf(core, action);
  if (!key && ifThere) return false;
  if (!key)
    throw new TrackItError(
      "CRYPTO_RECOVERY",
      `${action}: there is no recovery code that this device backs up for`,
      {
        hint: "recovery.create() makes one",
      },
    );
  const engines = await allRooms(core, action);
  const names: string[] = [];
  const places: Omit<Secret, "secret">[] = [];
  for (const engine of engines)
    for (const { epoch, name } of await keptEpochs(engine)) {
      names.push(name);
      places.push({ room: engine.room, epoch });
    }
  const pins = await collectPins(core, engines);
  const content = await core.suite.sha256(encode(pinsField, pins), new TextEncoder().encode(names.join()));
  const before = await lastBackup(core);
  if (before && equal(before.key, key.id) && equal(before.content, content)) return false;
  const put = await core.keystore.withSecrets(names, (opened) => {
    const secrets = opened.flatMap((secret, at) => (secret ? [{ ...(places[at] as Secret), secret }] : []));
    return send(core, key, { pins, secrets }, action);
  });
  await core.keystore.batch([{ record: LAST, value: encode(Last, { key: key.id, content, ...put }) }]);
  return true;
}

/** What this device has put last; null where it has put none. */
export async function lastBackup({ keystore }: Core) {
  const last = await keystore.get(LAST);
  return last && decode(Last, last);
}

/** The key of the present code, from the vault. */
export async function backupKeyOf(core: Core, action: string): Promise<Key | null> {
  const present = recoveryKey(await ownLog(core, action));
  const vault = present && (await Vault.open(core));
  if (!vault) return null;
  await vault.sync();
  const item = vault.get("backupKey", present.id);
  return item && { id: present.id, key: item.key };
}

export async function readBackup({ me, wire }: Pick<Core, "wire"> & { me: { root: Bytes } }, action: string) {
  const found = await wire.ask<WireBackup[]>("my_backup", {}, action);
  const mine = found.find(({ root }) => equal(fromBase64url(root), me.root));
  return mine ? { number: mine.number, at: mine.at, bytes: fromBase64url(mine.backup) } : null;
}

async function send(
  core: Core,
  { id, key }: Key,
  content: BackupContent,
  action: string,
): Promise<{ number: number; omitted: number }> {
  const { me, suite, wire } = core;
  for (let races = 0; ; races++) {
    const there = await readBackup(core, action);
    // One that does not open was for another code, or is none.
    const known = there && (await openBackup(suite, key, there.bytes).catch(() => null));
    const number = (there?.number ?? 0) + 1;
    const about = { user: me.user, root: me.root, keyId: id, number };
    const { content: whole, omitted } = fitting(joined(known ?? NOTHING, content), action);
    const backup = await sealBackup(suite, key, about, whole);
    for (const { secret } of known?.secrets ?? []) secret.fill(0);
    try {
      await wire.ask("put_backup", { backup: toBase64url(backup) }, action);
      return { number, omitted };
    } catch (error) {
      if (!isTrackItError(error, "CONFLICT_VERSION") || races > MOST_RACES) throw error;
    }
  }
}

/** Both; of two pins of one thing the later. */
function joined(one: BackupContent, other: BackupContent): BackupContent {
  const secrets = new Map([...one.secrets, ...other.secrets].map((each) => [placeName(each), each]));
  return {
    pins: {
      contacts: later(
        one.pins.contacts,
        other.pins.contacts,
        (pin) => pin.user,
        (pin) => pin.head.seq,
      ),
      rooms: later(
        one.pins.rooms,
        other.pins.rooms,
        (pin) => pin.room,
        (pin) => pin.place.seq,
      ),
    },
    secrets: [...secrets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
  };
}

const placeName = ({ room, epoch }: Secret): string => toHex(room) + epoch.toString(16).padStart(16, "0");

function later<Pin>(
  one: readonly Pin[],
  other: readonly Pin[],
  idOf: (pin: Pin) => Bytes,
  seqOf: (pin: Pin) => number,
): Pin[] {
  const all = new Map<string, Pin>();
  for (const pin of [...one, ...other]) {
    const before = all.get(toHex(idOf(pin)));
    if (!before || seqOf(before) <= seqOf(pin)) all.set(toHex(idOf(pin)), pin);
  }
  return [...all.values()].sort((a, b) => compare(idOf(a), idOf(b)));
}
