import { expect } from "vitest";
import { openCore, openStation } from "../../../sdk/src/chat/core.ts";
import { Emitter } from "../../../sdk/src/chat/emitter.ts";
import { RoomEngine } from "../../../sdk/src/chat/room/engine.ts";
import { connect } from "../../../sdk/src/connect.ts";
import type { ChatAlarm, DevicesEvents, Message, Room, TrackIt } from "../../../sdk/src/index.ts";
import { clocks } from "../../../sdk/src/live/clocks.ts";
import { liveOn } from "../../../sdk/src/live/index.ts";
import { memoryKeystore } from "../../../sdk/src/store/keys/memory.ts";
import type { Keystore } from "../../../sdk/src/store/keys/types.ts";
import type { Talker } from "../../story/chat-kit.ts";
import { PASSWORD, type SdkKit } from "../../story/sdk-kit.ts";

// A row or word that the server loses shall cost a test seconds, not the half minute that it costs an app.
clocks.headCheck = 3_000;

/** Somebody with a device, whose every word to the server goes by way of `url`. */
export async function talkerBy(
  kit: SdkKit,
  url: string,
  name: string,
  keystore: Keystore = memoryKeystore(name),
): Promise<Talker> {
  const person = await kit.join(name, kit.trackit({ url, chat: { keystore } }));
  await person.trackit.devices.me();
  return { ...person, keystore };
}

/** One more session of somebody, with a keystore of its own. */
export async function sessionOf(
  kit: SdkKit,
  url: string,
  { email }: { email: string },
  keystore: Keystore = memoryKeystore("another"),
): Promise<TrackIt> {
  const trackit = kit.trackit({ url, chat: { keystore } });
  await trackit.auth.signIn({ email, password: PASSWORD });
  return trackit;
}

/** The same device after a restart: another client, the same keys. */
export async function restartedBy(kit: SdkKit, url: string, who: Talker): Promise<Talker> {
  await who.trackit.close();
  return { ...who, trackit: await sessionOf(kit, url, who, who.keystore) };
}

/** One more device of somebody, let in by the first. */
export async function deviceOf(kit: SdkKit, url: string, who: Talker): Promise<Talker & { device: string }> {
  const keystore = memoryKeystore("another");
  const trackit = await sessionOf(kit, url, who, keystore);
  const { code, approved } = await trackit.devices.requestApproval();
  const [, device] = await Promise.all([who.trackit.devices.approve(code), approved]);
  return { ...who, trackit, keystore, device: device.id };
}

/** The messages of a room as it stands now, oldest first: what an app would show. */
export async function read(trackit: TrackIt, id: string): Promise<Message[]> {
  return (await (await trackit.rooms.get(id)).history().toArray()).reverse();
}

/** Their texts; in brackets what stands where there is none. */
export async function readTexts(trackit: TrackIt, id: string): Promise<string[]> {
  return (await read(trackit, id)).map(({ content, status, text }) => (content ? text : `[${status}]`));
}

/** A room of these, in which its owner has said "first" and everybody has read it. */
export async function roomOf(owner: Talker, ...others: Talker[]): Promise<Room> {
  const room = await owner.trackit.rooms.create({ members: others.map(({ id }) => id) });
  await room.send("first");
  for (const { trackit } of others) expect(await readTexts(trackit, room.id)).toEqual(["first"]);
  return room;
}

/** What somebody is warned of in a room as it stands now. */
export const alarmOf = async ({ trackit }: Talker, id: string): Promise<ChatAlarm | null> =>
  (await trackit.rooms.get(id)).alarm;

export const usernames = ({ members }: Room): (string | null)[] => members.map(({ username }) => username);

/**
 * A member's own token and keys, in the hands of somebody who keeps no rule: what the SDK would refuse to sign or to
 * post is signed and posted.
 */
export class Insider {
  readonly core: Awaited<ReturnType<typeof openCore>>;
  readonly id: string;

  private constructor(core: Insider["core"], id: string) {
    this.core = core;
    this.id = id;
  }

  static async open({
    trackit,
    id,
    keystore,
  }: Pick<Talker, "trackit" | "id" | "keystore">): Promise<Insider> {
    const connection = connect(trackit.supabase);
    const station = await openStation(connection, { keystore }, { userId: id, temporary: false });
    const nothing = { alarms: new Emitter<DevicesEvents>(), followed: () => {} };
    return new Insider(await openCore(station, liveOn(connection, null), nothing, "a lie"), id);
  }

  /** A room as this device has verified it. */
  room(id: string): Promise<RoomEngine> {
    return RoomEngine.open(this.core, id, "a lie");
  }

  /** Calls a function of the database with this member's token. @throws TrackItError */
  ask<Answer = unknown>(name: string, args: Record<string, unknown>): Promise<Answer> {
    return this.core.wire.ask<Answer>(name, args, "a lie");
  }

  close(): Promise<void> {
    return this.core.close();
  }
}
