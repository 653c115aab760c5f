import { userId } from "../auth/session.ts";
import type { Connection } from "../connect.ts";
import type { Bytes } from "../crypto/bytes/index.ts";
import { createSuite, type Suite } from "../crypto/suite/index.ts";
import { TrackItError } from "../errors.ts";
import type { Live } from "../live/index.ts";
import { openKeystore } from "../store/keys/index.ts";
import type { KeptDevice } from "../store/keys/kept-device.ts";
import type { Keystore } from "../store/keys/types.ts";
import { beginAnew, enrol } from "./device/enrol.ts";
import { Directory } from "./directory.ts";
import type { Emitter } from "./emitter.ts";
import type { RoomEngine } from "./room/engine.ts";
import type { ChatAlarm, ChatOptions } from "./types.ts";
import { type Wire, wireOn } from "./wire.ts";

/** This device, as one of its user's. */
export interface Me extends KeptDevice {
  userId: string;
  deviceId: string;
  user: Bytes;
  root: Bytes;
}

/** Everything of chat for one signed-in user on this device. */
export interface Core {
  connection: Connection;
  live: Live;
  suite: Suite;
  wire: Wire;
  keystore: Keystore;
  directory: Directory;
  me: Me;
  alarms: Emitter<{ alarm: ChatAlarm }>;
  /** Rooms that are open, by id. */
  rooms: Map<string, Promise<RoomEngine>>;
  /** Somebody follows a room: from now on the user's own topic is heard. */
  followed(): void;
  close(): Promise<void>;
}

/** Opens chat for whoever is signed in: the keystore, and this device's place in its user's log. */
export async function openCore(
  connection: Connection,
  live: Live,
  options: ChatOptions,
  { alarms, followed }: Pick<Core, "alarms" | "followed">,
  action: string,
): Promise<Core> {
  const who = await userId(connection, action);
  if (who === null)
    throw new TrackItError("AUTH_REQUIRED", `${action}: nobody is signed in`, {
      hint: "Sign in first: auth.signIn({ email, password })",
    });
  const suite = createSuite();
  const wire = wireOn(connection);
  const { keystore, own } = await keystoreFor(connection, options, who);
  try {
    const directory = new Directory(suite, wire, keystore);
    const me = await enrol({ connection, suite, wire, keystore, directory, isKept: own }, who, action);
    const rooms: Core["rooms"] = new Map();
    return {
      ...{ connection, live, suite, wire, keystore, directory, me, alarms, rooms, followed },
      close: async () => {
        const open = await Promise.allSettled(rooms.values());
        for (const one of open) if (one.status === "fulfilled") await one.value.close();
        if (own) await keystore.close();
      },
    };
  } catch (error) {
    if (own) await keystore.close();
    throw error;
  }
}

/** The app's own keystore stays the app's to close. */
async function keystoreFor(
  { client, vault }: Connection,
  { keystore }: ChatOptions,
  who: string,
): Promise<{ keystore: Keystore; own: boolean }> {
  const name = `${projectOf(client)}:${who}`;
  if (typeof keystore === "function") return { keystore: await keystore(name), own: false };
  if (keystore) return { keystore, own: false };
  // A session that is not remembered leaves no keys behind.
  const isKept = !vault || (await vault.choice()) === "device";
  return { keystore: await openKeystore(name, isKept ? {} : { keep: "memory" }), own: true };
}

const projectOf = (client: Connection["client"]): string => String(Reflect.get(client, "supabaseUrl") ?? "");

/** A new identity with this device alone. */
export async function startOver(connection: Connection, options: ChatOptions, action: string): Promise<void> {
  const who = await userId(connection, action);
  if (who === null) throw new TrackItError("AUTH_REQUIRED", `${action}: nobody is signed in`);
  const suite = createSuite();
  const wire = wireOn(connection);
  const { keystore, own } = await keystoreFor(connection, options, who);
  try {
    const directory = new Directory(suite, wire, keystore);
    await beginAnew({ connection, suite, wire, keystore, directory, isKept: own }, who, action);
  } finally {
    if (own) await keystore.close();
  }
}
