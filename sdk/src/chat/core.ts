import type { Connection } from "../connect.ts";
import type { Bytes } from "../crypto/bytes/index.ts";
import { createSuite, type Suite } from "../crypto/suite/index.ts";
import { isTrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import type { Live } from "../live/index.ts";
import { openKeystore } from "../store/keys/index.ts";
import type { KeptDevice } from "../store/keys/kept-device.ts";
import type { Keystore } from "../store/keys/types.ts";
import { enrol } from "./device/enrol.ts";
import { beginNotices } from "./device/notices.ts";
import { Directory } from "./directory.ts";
import type { Emitter } from "./emitter.ts";
import { type Locked, lockedOn } from "./locks.ts";
import type { RoomEngine } from "./room/engine.ts";
import type { ChatOptions, DevicesEvents } from "./types.ts";
import { Upkeep } from "./upkeep.ts";
import { type Wire, wireOn } from "./wire.ts";

/** This device, as one of its user's. */
export interface Me extends KeptDevice {
  userId: string;
  deviceId: string;
  user: Bytes;
  root: Bytes;
}

/** What a signed-in user has on this device, whether it is one of the account's yet or not. */
export interface Station {
  connection: Connection;
  suite: Suite;
  wire: Wire;
  keystore: Keystore;
  directory: Directory;
  userId: string;
  /** The session is not remembered: neither are keys, and no account begins with them. */
  temporary: boolean;
  /** Keys outlast the page, or there is none. */
  lasting: boolean;
  /** One tab at a time. */
  locked: Locked;
  close(): Promise<void>;
}

/** Everything of chat for one signed-in user on this device. */
export interface Core extends Omit<Station, "userId"> {
  live: Live;
  me: Me;
  alarms: Emitter<DevicesEvents>;
  /** Rooms that are open, by id. */
  rooms: Map<string, Promise<RoomEngine>>;
  /** Somebody follows a room: from now on the user's own topic is heard. */
  followed(): void;
  /** Something is new that the vault or a backup has to keep: it does, soon. */
  stirred(): void;
  /** Brings the invites of all the user's devices together, by the vault. */
  shared(): Promise<void>;
}

export async function openStation(
  connection: Connection,
  options: ChatOptions,
  who: { userId: string; temporary: boolean },
): Promise<Station> {
  const [suite, wire] = [createSuite(connection.crypto), wireOn(connection)];
  const kept = await keystoreFor(connection, options, who);
  const directory = new Directory(suite, wire, kept.keystore);
  const locked = lockedOn(kept.keystore, nameOf(connection, who.userId));
  return { connection, suite, wire, directory, locked, ...who, ...kept };
}

/** Opens chat: this device's place in its user's log. */
export async function openCore(
  station: Station,
  live: Live,
  {
    alarms,
    followed,
    share = async () => {},
  }: Pick<Core, "alarms" | "followed"> & { share?: (core: Core) => Promise<void> },
  action: string,
): Promise<Core> {
  const me = await enrol(station, action);
  const rooms: Core["rooms"] = new Map();
  const core: Core = {
    ...{ ...station, live, me, alarms, rooms, followed },
    stirred: () => upkeep.stir(),
    shared: () => share(core),
    close: async () => {
      await upkeep.close();
      const open = await Promise.allSettled(rooms.values());
      for (const one of open) if (one.status === "fulfilled") await one.value.close();
    },
  };
  const upkeep = new Upkeep(core);
  await beginNotices(core);
  upkeep.stir();
  return core;
}

/** The app's own keystore stays the app's to close. */
async function keystoreFor(
  connection: Connection,
  { keystore }: ChatOptions,
  { userId, temporary }: { userId: string; temporary: boolean },
): Promise<Pick<Station, "keystore" | "lasting" | "close">> {
  const name = nameOf(connection, userId);
  const given = typeof keystore === "function" ? await keystore(name) : keystore;
  if (given) {
    await isOf(given, userId);
    return { keystore: given, lasting: true, close: async () => {} };
  }
  // A session that is not remembered leaves no keys behind.
  const own = await openKeystore(name, temporary ? { keep: "memory" } : {});
  const lasting = own.place !== "memory" || typeof document === "undefined";
  return { keystore: own, lasting, close: () => own.close() };
}

const OWNER = "owner";

/** What one user has on a device, drafts among it, is no other's. @throws USAGE_INVALID */
async function isOf(keystore: Keystore, userId: string): Promise<void> {
  const owner = await keystore.get(OWNER).catch((error: unknown) => {
    // One that was damaged is nobody's: it can be wiped, and every other call says so.
    if (isTrackItError(error, "CRYPTO_UNREADABLE")) return new TextEncoder().encode(userId);
    throw error;
  });
  if (owner === null) {
    const value = new TextEncoder().encode(userId);
    await keystore.batch([{ record: OWNER, value }], [{ record: OWNER, value: null }]);
    return isOf(keystore, userId); // Another client may have been quicker.
  }
  if (new TextDecoder().decode(owner) !== userId)
    throw invalid(
      "chat",
      "keystore",
      "another user's",
      "one for each user, as a function of its name opens them",
    );
}

/** Project and user: what is kept on a device is told apart by it. */
const nameOf = ({ client }: Connection, userId: string): string =>
  `${String(Reflect.get(client, "supabaseUrl") ?? "")}:${userId}`;
