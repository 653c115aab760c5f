import { equal, fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import {
  decodeInviteLink,
  hashInviteSecret,
  type InviteLink,
  isInvitedBy,
  makeJoin,
} from "../../crypto/invite/index.ts";
import { applyRoomEntry, type RoomLog, startRoomLog } from "../../crypto/room-log/index.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { throwIfAborted } from "../../failure/network.ts";
import { clocks } from "../../live/clocks.ts";
import { real } from "../../retry/around.ts";
import { run } from "../../transport/rest.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import type { RoomEngine } from "../room/engine.ts";
import { joinRequests } from "../room/invite.ts";
import type { OpenRoom } from "../room/room.ts";
import { wantsOf } from "../room/rows.ts";

interface Joining {
  signal: AbortSignal | undefined;
  open(id: string): Promise<OpenRoom>;
  /** Told on each occasion to look again; gives its end. */
  again(look: () => void): () => void;
}

/** Asks to be let in by an invite, and waits for an admin's device to do so. */
export async function joinRoom(
  core: Core,
  link: string,
  { signal, open, again }: Joining,
): Promise<OpenRoom> {
  const action = "rooms.join";
  const invited = readLink(link);
  const id = toUuid(invited.room);
  const isOut = (error: unknown): null => {
    if (isTrackItError(error, "ACCESS_NOT_FOUND")) return null;
    throw error;
  };
  const enter = async (): Promise<OpenRoom | null> => {
    const room = await open(id).catch(isOut);
    const engine = await core.rooms.get(id);
    if (!room || !engine || (await isOfLink(engine, invited))) return room;
    throw new TrackItError("CRYPTO_IDENTITY", `${action}: the room that the server shows is not the link's`);
  };
  const before = await enter();
  if (before) return before;
  await askToJoin(core, invited);
  for (;;) {
    throwIfAborted(signal, action);
    await occasion(again, signal);
    const room = await enter();
    if (room) return room;
    if (await stillAsks(core, id, action)) continue;
    // Let in meanwhile, or refused: whoever answers takes the request away.
    const late = await enter();
    if (late) return late;
    throw new TrackItError("ACCESS_NOT_FOUND", `${action}: nobody is let in by this invite any more`);
  }
}

/** Something has changed, or some time has passed, or nobody waits any more. */
async function occasion(
  again: (look: () => void) => () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const stop = again(end);
  signal?.addEventListener("abort", end, { once: true });
  await real.wait(clocks.headCheck, over.signal);
  signal?.removeEventListener("abort", end);
  stop();
}

/** What somebody was handed: an address, or what is behind its `#`. @throws USAGE_INVALID */
function readLink(link: string): InviteLink {
  try {
    return decodeInviteLink(String(link).split("#").at(-1) ?? "");
  } catch {
    throw invalid("rooms.join", "link", "", "an invite's link, whole");
  }
}

/**
 * Asks to be let in: the log up to the link's head has to hold the invite, signed by who the link says.
 *
 * @throws ACCESS_NOT_FOUND for an invite that is no more, CRYPTO_IDENTITY for one that is not the link's
 */
async function askToJoin(core: Core, link: InviteLink): Promise<void> {
  const action = "rooms.join";
  const { directory, me, suite, wire } = core;
  const log = await invitedLog(core, link);
  if (!(await isInvitedBy(suite, log, link)))
    throw new TrackItError(
      "CRYPTO_IDENTITY",
      `${action}: the invite that the server shows is not the link's`,
    );
  const own = directory.logs(me.user, me.root);
  if (!own) throw new TrackItError("CRYPTO_DEVICE", `${action}: the account's own devices are not known`);
  const joiner = { log: own, device: me.signer, logSeq: log.rows, time: Date.now() };
  const request = await makeJoin(suite, link, joiner);
  await wire.ask("request_join", { request: toBase64url(request) }, action);
}

/** Whether a request of one's own waits at the server. */
async function stillAsks(core: Core, room: string, action: string): Promise<boolean> {
  const own = joinRequests(core).eq("room_id", room).eq("user_id", core.me.userId);
  return (await run(own, action)).length > 0;
}

/**
 * Whether a room that is open is the one that a link leads to: the link's invite stands in its log, signed by who the
 * link says. A server could have somebody begin another log under the room's id.
 */
async function isOfLink({ core, group }: RoomEngine, link: InviteLink): Promise<boolean> {
  const invite = group.room.log.invites.get(toHex(link.invite));
  return (
    invite !== undefined &&
    equal(invite.author, link.inviter) &&
    equal(invite.root, link.root) &&
    equal(invite.secretHash, await hashInviteSecret(core.suite, link.secret))
  );
}

async function invitedLog({ directory, suite, wire }: Core, { room, invite }: InviteLink): Promise<RoomLog> {
  const action = "rooms.join";
  let log = startRoomLog(room);
  for (;;) {
    const args = { room: toUuid(room), invite: toUuid(invite), after: log.rows };
    const found = await wire.ask<{ entries: WireEntry[] }>("invited_log", args, action);
    const { entries } = found;
    if (entries.length === 0) return log;
    await directory.ensure(
      entries.flatMap(({ bytes, room_seq: seq }) => wantsOf({ kind: "entry", bytes, seq, by: "", at: "" })),
      action,
    );
    for (const { bytes, room_seq: place } of entries) {
      ({ log } = await applyRoomEntry(suite, log, { bytes: fromBase64url(bytes), place }, directory.logs));
    }
  }
}

interface WireEntry {
  room_seq: number;
  bytes: string;
}
