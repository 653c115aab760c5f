import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import {
  asSigner,
  type DeviceLog,
  deviceAt,
  deviceId,
  devicesAt,
  makeDeviceEntry,
  recoveryKey,
  type Signer,
} from "../../crypto/device-log/index.ts";
import {
  type BackupContent,
  backupKey,
  openBackup,
  readRecoveryCode,
  recoveryKeys,
} from "../../crypto/devices.ts";
import { withSecret } from "../../crypto/group/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { keptDevice } from "../../store/keys/kept-device.ts";
import { takePins } from "../approval/pins.ts";
import type { Core, Station } from "../core.ts";
import { placeIn } from "../device/enrol.ts";
import { append } from "../device/log.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { RoomEngine } from "../room/engine.ts";
import { secretName } from "../room/fold.ts";
import { noSuchRoom } from "../room/missing.ts";
import { openRoom } from "../rooms.ts";
import { readBackup } from "./backup.ts";
import type { UnrecoveredRoom } from "./types.ts";

const ACTION = "recovery.use";

/** What a code brought back, before chat is open on this device. */
export interface Found {
  /** Null where there is no backup, or none that opens. */
  secrets: BackupContent["secrets"] | null;
}

/**
 * Adds this device by the code's own key, where it does not stand in the log already, and takes what the backup has
 * pinned. Nothing is changed before the code was found to be the account's.
 */
export async function useCode(station: Station, code: string, revokeOthers: boolean): Promise<Found> {
  const { directory, suite, userId, wire } = station;
  if (station.temporary)
    throw new TrackItError(
      "CRYPTO_DEVICE",
      `${ACTION}: a session that is not remembered would lose the keys again`,
      {
        hint: 'Sign in with remember: "device"',
      },
    );
  const scalar = await scalarOf(station, code);
  const log = await directory.present(userId, ACTION);
  const key = log && recoveryKey(log);
  if (!log || !key) throw wrong("the account has no recovery code");
  const keys = await recoveryKeys(suite, scalar, key.signingKey).catch(() => {
    throw wrong("this is not the account's present recovery code");
  });
  const signer = await asSigner(suite, log.user, keys);
  if (!equal(signer.id, key.id)) throw wrong("this is not the account's present recovery code");
  const sealedBy = await backupKey(suite, scalar, log.user, log.root);
  scalar.fill(0);
  const me = { userId, root: log.root };
  const there = await readBackup({ wire, me }, ACTION);
  const content = there && (await openBackup(suite, sealedBy, there.bytes).catch(() => null));
  const isOwn = content && equal(content.user, log.user) && equal(content.root, log.root);
  if (isOwn) await takePins(station.keystore, content.pins);
  await addBy(station, signer, revokeOthers);
  return { secrets: isOwn ? content.secrets : null };
}

async function scalarOf({ suite }: Station, code: string): Promise<Bytes> {
  if (typeof code === "string") {
    const scalar = await readRecoveryCode(suite, code).catch(() => null);
    if (scalar) return scalar;
  }
  throw invalid(
    ACTION,
    "code",
    code,
    "the 56 letters and digits as they were shown; one of them is mistyped",
  );
}

async function addBy(station: Station, signer: Signer, revokeOthers: boolean): Promise<void> {
  const { directory, keystore, suite, userId, wire } = station;
  const user = fromUuid(userId);
  const before = await directory.present(userId, ACTION);
  const placed = before && (await placeIn(station, before));
  const others = (log: DeviceLog): Bytes[] =>
    devicesAt(log).flatMap(({ id }) => (placed && equal(placed.signer.id, id) ? [] : [id]));
  const to = { directory, wire, me: { userId } };
  if (before && revokeOthers && others(before).length > 0)
    await append(
      to,
      (log) => {
        const change = { op: "revoke", keys: sorted(others(log)), time: Date.now() } as const;
        return makeDeviceEntry(suite, log, change, { signer });
      },
      ACTION,
    );
  if (placed) return;
  let keys = await keystore.generate();
  const former = await deviceId(suite, user, keys.sign);
  if (before?.keys.has(toHex(former))) keys = await keystore.generate({ instead: keys.sign });
  const device = (await keptDevice(keystore, await deviceId(suite, user, keys.sign))).signer;
  const log = await append(
    to,
    (now) => {
      const data = { wrapKey: keys.wrap, signingKey: keys.sign, nameHash: new Uint8Array(32) };
      const change = { op: "add", temporary: false, ...data, time: Date.now() } as const;
      return makeDeviceEntry(suite, now, change, { signer, added: device });
    },
    ACTION,
  );
  if (!deviceAt(log, device.id))
    throw new TrackItError(
      "CRYPTO_RECOVERY",
      `${ACTION}: the server does not show this device in the account's list`,
    );
}

const sorted = (ids: readonly Bytes[]): Bytes[] =>
  [...ids].sort((one, other) => (toHex(one) < toHex(other) ? -1 : 1));

interface Taken {
  opened: number;
  refused: number;
  failed: UnrecoveredRoom[];
}

type Secrets = BackupContent["secrets"];

/** Takes each secret that the commit of its epoch bears out; the others are counted. A room that fails costs no other. */
export async function takeSecrets(core: Core, secrets: Secrets): Promise<Taken> {
  const taken: Taken = { opened: 0, refused: 0, failed: [] };
  const byRoom = new Map<string, Secrets[number][]>();
  for (const one of secrets) byRoom.set(toUuid(one.room), [...(byRoom.get(toUuid(one.room)) ?? []), one]);
  for (const [roomId, mine] of byRoom) {
    try {
      await openRoom(core, roomId, ACTION);
      const engine = await core.rooms.get(roomId);
      if (!engine) throw noSuchRoom(ACTION, roomId);
      const { opened, refused } = await takeInto(engine, mine);
      taken.opened += opened;
      taken.refused += refused;
    } catch (error) {
      if (!isTrackItError(error)) throw error;
      const { code, message } = error;
      taken.failed.push({ roomId, code, message, keys: mine.length });
    } finally {
      for (const { secret } of mine) secret.fill(0);
    }
  }
  return taken;
}

function takeInto(engine: RoomEngine, secrets: Secrets): Promise<Omit<Taken, "failed">> {
  const { core, room } = engine;
  return engine.inTurn(async () => {
    const counts = { opened: 0, refused: 0 };
    for (const { epoch, secret } of secrets) {
      const past = engine.group.room.epochs.past.get(epoch);
      const name = past && secretName(room, past.hash);
      const kept = name ? await core.keystore.sealSecret(name, secret) : null;
      const group = kept ? await withSecret(core.suite, engine.group, epoch, kept.key) : engine.group;
      if (!name || !kept || group === engine.group) {
        counts.refused += 1;
        continue;
      }
      await core.keystore.batch([{ secret: name, sealed: kept.sealed }]);
      engine.group = group;
      counts.opened += 1;
    }
    await engine.reopen();
    return counts;
  });
}

function wrong(why: string): TrackItError {
  return new TrackItError("CRYPTO_RECOVERY", `${ACTION}: ${why}`, {
    hint: "Nothing has changed. Try another code, approve this device from another one, or devices.startOver()",
  });
}
