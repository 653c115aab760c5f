import { type Bytes, fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import {
  checkJoin,
  decodeInviteLink,
  decodeJoin,
  encodeInviteLink,
  hashInviteSecret,
  type InviteLink,
  isInvitedBy,
  makeJoin,
} from "../../crypto/invite/index.ts";
import { applyRoomEntry, memberOf, type RoomLog, startRoomLog } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import { changeRoom } from "./change.ts";
import type { RoomEngine } from "./engine.ts";
import { welcome } from "./name.ts";
import { wantsOf } from "./rows.ts";

export interface InviteOptions {
  role: "member" | "admin";
  /** How many may come by it. */
  uses: number;
  /** Milliseconds since 1970. */
  expires: number;
}

const secretName = (room: Uint8Array, invite: Uint8Array): string => `invite/${toHex(room)}/${toHex(invite)}`;

/** Makes an invite and gives what its address has to hold behind the `#`. */
export async function makeInvite(
  engine: RoomEngine,
  { role, uses, expires }: InviteOptions,
): Promise<string> {
  const { core, room } = engine;
  const { keystore, me, suite } = core;
  const [invite, secret] = [suite.random(16), suite.random(32)];
  const secretHash = await hashInviteSecret(suite, secret);
  // Kept first: an invite in the log that nobody can answer would be in vain.
  await keystore.batch([{ record: secretName(room, invite), value: secret }]);
  const rank = role === "admin" ? 2 : 1;
  await changeRoom(engine, "room.invite", async () => {
    if (engine.group.room.log.invites.has(toHex(invite))) return null;
    return { op: "invite", invite, role: rank, uses, expires, secretHash };
  });
  const { head } = engine.group.room.log;
  return encodeInviteLink({ room, invite, secret, head, inviter: me.user, root: me.root });
}

/** What somebody was handed: an address, or what is behind its `#`. @throws USAGE_INVALID */
export function readLink(link: string): InviteLink {
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
export async function askToJoin(core: Core, link: InviteLink): Promise<void> {
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

interface WireRequest {
  user_id: string;
  invite: string;
  request: string;
}

/** Lets in whoever asks rightly, where this device is an admin's and has made the invite. In the background. */
export async function answerJoins(engine: RoomEngine): Promise<void> {
  const { core, id, room } = engine;
  const own = memberOf(engine.group.room.log, core.me.user);
  if ((own?.role ?? 1) < 2 || engine.group.room.log.kind !== "group") return;
  const found = await core.wire.ask<WireRequest[]>("join_requests_of", { room: id }, "rooms");
  for (const { request, user_id } of found) {
    const bytes = fromBase64url(request);
    const join = joinIn(bytes);
    const secret = join && (await core.keystore.get(secretName(room, join.invite)));
    if (!join || !secret) continue; // Another admin's to answer.
    const isDone = await admit(engine, bytes, secret);
    if (!isDone) await core.wire.ask("drop_join_requests", { room: id, users: [user_id] }, "rooms");
  }
}

function joinIn(bytes: Uint8Array) {
  try {
    return decodeJoin(bytes).join;
  } catch {
    return null;
  }
}

/** @returns false for a request that does not hold. */
async function admit(engine: RoomEngine, request: Bytes, secret: Bytes): Promise<boolean> {
  const { core } = engine;
  const { directory, suite } = core;
  const { join: asked } = decodeJoin(request);
  await directory.present(toUuid(asked.user), "rooms");
  let admitted = false;
  await changeRoom(engine, "rooms", async () => {
    const { log } = engine.group.room;
    const { join } = await checkJoin(suite, request, { secret, log, logs: directory.logs, now: Date.now() });
    const known = join && directory.logs(join.user, join.root);
    if (!join || !known) return null;
    admitted = true;
    const role = log.invites.get(toHex(join.invite))?.role ?? 1;
    return {
      op: "add",
      user: join.user,
      userRoot: join.root,
      userHead: known.head,
      role,
      invite: join.invite,
    };
  });
  const isIn = memberOf(engine.group.room.log, asked.user) !== undefined;
  if (admitted) await welcome(engine, asked.user, asked.root);
  return isIn;
}
