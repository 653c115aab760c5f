import type { Bytes } from "../crypto/bytes/index.ts";
import { createRsaAes, startGroup, startRoom } from "../crypto/group/index.ts";
import { directRoomId, type RoomChange, selfRoomId } from "../crypto/room-log/index.ts";
import { isTrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { isUuid, uuid7 } from "../ids/uuid7.ts";
import { isPassing } from "../retry/passing.ts";
import type { Core } from "./core.ts";
import { fromUuid, toUuid } from "./ids.ts";
import { type Person, personOf } from "./people.ts";
import { answerJoins } from "./room/answer.ts";
import { wireStep } from "./room/change.ts";
import { RoomEngine } from "./room/engine.ts";
import { takeHistory } from "./room/grants.ts";
import { checkRoomName } from "./room/name.ts";
import { OpenRoom } from "./room/room.ts";
import type { NewRoom } from "./types.ts";
import { askTwice } from "./wire.ts";

const NO_PEER = {
  peer: new Uint8Array(16),
  peerRoot: new Uint8Array(32),
  peerHead: { seq: 0, hash: new Uint8Array(32) },
};

/** Opens a room once, however often it is asked for. */
export async function openRoom(core: Core, id: string, action: string): Promise<OpenRoom> {
  if (!isUuid(id)) throw invalid(action, "id", id, "a UUID");
  const known = core.rooms.get(id);
  const engine = known ?? openWithHistory(core, id, action);
  core.rooms.set(id, engine);
  try {
    const open = await engine;
    if (known) await open.sync(action);
    void answerJoins(open).catch(() => {}); // Whoever asks is answered by the next occasion, too.
    return new OpenRoom(open);
  } catch (error) {
    // What failed is tried anew; a room that one has left is no more.
    if (!known || !isPassing(error)) core.rooms.delete(id);
    throw error;
  }
}

/** Whoever asks for the room meanwhile waits for what was granted as well. */
async function openWithHistory(core: Core, id: string, action: string): Promise<RoomEngine> {
  const engine = await RoomEngine.open(core, id, action);
  await takeHistory(engine);
  return engine;
}

export async function createGroup(core: Core, input: NewRoom): Promise<OpenRoom> {
  const action = "rooms.create";
  const { name, members = [], historyPolicy = "none" } = input;
  if (name !== undefined) checkRoomName(name, action);
  if (historyPolicy !== "none" && historyPolicy !== "shared")
    throw invalid(action, "historyPolicy", historyPolicy, "none or shared");
  const people: Person[] = [];
  for (const who of members) people.push(await personOf(core, who, action));
  const others = people.filter(({ userId }, at) => {
    return userId !== core.me.userId && people.findIndex((one) => one.userId === userId) === at;
  });
  const id = uuid7();
  const adds = others.map(({ log }): RoomChange => {
    return {
      op: "add",
      user: log.user,
      userRoot: log.root,
      userHead: log.head,
      role: 1,
      invite: new Uint8Array(16),
    };
  });
  await postRoom(core, fromUuid(id), { kind: "group", history: historyPolicy, ...NO_PEER }, adds, action);
  const room = await openRoom(core, id, action);
  if (name !== undefined) await room.rename(name);
  return room;
}

/** The room of two. @throws as `personOf` */
export async function openDirect(core: Core, who: string): Promise<OpenRoom> {
  const action = "rooms.direct";
  const { log, userId } = await personOf(core, who, action);
  if (userId === core.me.userId) throw invalid(action, "who", who, "somebody else");
  const id = await directRoomId(core.suite, core.me, log);
  const peer = { peer: log.user, peerRoot: log.root, peerHead: log.head };
  return openOrMake(core, id, { kind: "direct", history: "none", ...peer }, action);
}

export async function openSelf(core: Core): Promise<OpenRoom> {
  const id = await selfRoomId(core.suite, core.me);
  return openOrMake(core, id, { kind: "self", history: "none", ...NO_PEER }, "rooms.self");
}

type Founding = Omit<Extract<RoomChange, { op: "create" }>, "op" | "protocol" | "suite">;

/** A room whose id follows from who is in it: both sides, and every device, come to the same one. */
async function openOrMake(core: Core, room: Bytes, founding: Founding, action: string): Promise<OpenRoom> {
  const id = toUuid(room);
  try {
    return await openRoom(core, id, action);
  } catch (error) {
    if (!isTrackItError(error, "ACCESS_NOT_FOUND")) throw error;
  }
  try {
    await postRoom(core, room, founding, [], action);
  } catch (error) {
    if (!isTrackItError(error, "CONFLICT_ID")) throw error; // The other side was quicker: then it is there.
  }
  return openRoom(core, id, action);
}

async function postRoom(
  core: Core,
  room: Bytes,
  founding: Founding,
  adds: readonly RoomChange[],
  action: string,
): Promise<void> {
  const { directory, me, suite, wire } = core;
  const { user, root, signer, unwrap } = me;
  const cipher = createRsaAes(suite, { user, root, signer, unwrap, newSecret: () => me.newSecret() });
  const create: RoomChange = { op: "create", protocol: 1, suite: 1, ...founding };
  for (let tries = 0; ; tries++) {
    const group = startGroup(await startRoom(suite, room));
    const step = await cipher.change(group, [create, ...adds], { devices: directory.logs, time: Date.now() });
    const { entries, ...rest } = wireStep(step);
    const devices: Record<string, number> = {};
    for (const { log } of logsIn(core, create, adds)) devices[toUuid(log.user)] = log.rows;
    const change = { ...rest, entries: entries.slice(1), seen: { log: 1, devices } };
    try {
      await askTwice(wire, "create_room", { entry: entries[0], change }, action);
      return;
    } catch (error) {
      if (!isTrackItError(error, "CONFLICT_STALE_HEADS") || tries > 3) throw error;
      await directory.ensure(
        logsIn(core, create, adds).map(({ log }) => ({ user: log.user, root: log.root, seq: log.rows + 1 })),
        action,
      );
    }
  }
}

/** The device logs of everybody who is in a new room from the beginning. */
function logsIn({ directory, me }: Core, create: RoomChange, adds: readonly RoomChange[]) {
  const all: { user: Bytes; root: Bytes }[] = [me];
  for (const change of [create, ...adds]) {
    if (change.op === "create" && change.kind === "direct")
      all.push({ user: change.peer, root: change.peerRoot });
    if (change.op === "add") all.push({ user: change.user, root: change.userRoot });
  }
  return all.flatMap(({ user, root }) => {
    const log = directory.logs(user, root);
    return log ? [{ log }] : [];
  });
}
