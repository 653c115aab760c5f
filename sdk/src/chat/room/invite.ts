import { type Bytes, equal, fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
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
import {
  applyRoomEntry,
  type Invite,
  memberOf,
  type RoomLog,
  startRoomLog,
} from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import { type Query, run, type TableDoor } from "../../transport/rest.ts";
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

/** The keystore's record of an invite's secret: also of those that the user's other devices have made. */
export const inviteName = (room: Uint8Array, invite: Uint8Array): string =>
  `invite/${toHex(room)}/${toHex(invite)}`;

/** Whether somebody can come in by it still. */
export const isOpenInvite = ({ expires, used, uses }: Invite, now = Date.now()): boolean =>
  used < uses && now < expires;

/** Of a room that can have no more: docs/protocol.md §22. */
const MOST_INVITES = 100;

/**
 * The invite that makes place for another one where a room has all that it can have: one that is over, since no rule of
 * the log goes by a clock. Null where there is place, or every one of them can still be used.
 */
export function inTheWay(invites: Iterable<Invite>, now = Date.now()): Invite | null {
  const standing = [...invites].filter(({ used, uses }) => used < uses);
  return standing.length < MOST_INVITES ? null : (standing.find((one) => !isOpenInvite(one, now)) ?? null);
}

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
  await keystore.batch([{ record: inviteName(room, invite), value: secret }]);
  await core.shared().catch(() => {}); // Where it cannot be now, it is soon.
  const rank = role === "admin" ? 2 : 1;
  const invites = () => engine.group.room.log.invites;
  if (inTheWay(invites().values()))
    await changeRoom(engine, "room.invite", async () => {
      const over = inTheWay(invites().values());
      return over && { op: "invite", ...over, invite: over.id, uses: 0 };
    });
  await changeRoom(engine, "room.invite", async () => {
    if (invites().has(toHex(invite))) return null;
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

interface JoinRequest {
  room_id: string;
  user_id: string;
  invite: string;
}

/** One's own, and those into rooms that one is an admin of. */
export function joinRequests({ connection }: Core): Query<JoinRequest> {
  const requests = connection.client.from("join_requests") as unknown as TableDoor<JoinRequest>;
  return requests.select("room_id,user_id,invite");
}

/** Whether a request of one's own waits at the server. */
export async function stillAsks(core: Core, room: string, action: string): Promise<boolean> {
  const own = joinRequests(core).eq("room_id", room).eq("user_id", core.me.userId);
  return (await run(own, action)).length > 0;
}

/**
 * Whether a room that is open is the one that a link leads to: the link's invite stands in its log, signed by who the
 * link says. A server could have somebody begin another log under the room's id.
 */
export async function isOfLink({ core, group }: RoomEngine, link: InviteLink): Promise<boolean> {
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

interface WireRequest {
  user_id: string;
  invite: string;
  request: string;
}

/**
 * Lets in whoever asks rightly, where this device is an admin's and the invite one of its user's, whichever of their
 * devices has made it. In the background; several devices may do so at once.
 */
export async function answerJoins(engine: RoomEngine): Promise<void> {
  const { core, id, room } = engine;
  const own = memberOf(engine.group.room.log, core.me.user);
  if ((own?.role ?? 1) < 2 || engine.group.room.log.kind !== "group") return;
  const found = await core.wire.ask<WireRequest[]>("join_requests_of", { room: id }, "rooms");
  if (found.length === 0) return;
  await engine.sync("rooms");
  for (const { request, user_id } of found) {
    const bytes = fromBase64url(request);
    const join = joinIn(bytes);
    const invite = join && engine.group.room.log.invites.get(toHex(join.invite));
    const isOpen = invite && isOpenInvite(invite) && equal(join.room, room);
    const secret = isOpen ? await secretOf(core, room, invite) : null;
    if (isOpen && !secret) continue; // Another admin's to answer.
    const isDone = secret && (await admit(engine, bytes, secret));
    if (!isDone) await core.wire.ask("drop_join_requests", { room: id, users: [user_id] }, "rooms");
  }
  await forgetSecrets(engine);
}

/** Null for an invite of somebody else's, or one whose maker has not shared it yet. */
async function secretOf(core: Core, room: Bytes, { author, id }: Invite): Promise<Bytes | null> {
  const name = inviteName(room, id);
  const kept = await core.keystore.get(name);
  if (kept || !equal(author, core.me.user)) return kept;
  await core.shared();
  return core.keystore.get(name);
}

/** Of invites by which nobody can come in any more. */
async function forgetSecrets({ core, group, room }: RoomEngine): Promise<void> {
  const { invites } = group.room.log;
  const over = [...invites.values()].filter((invite) => !isOpenInvite(invite));
  for (const { id } of over) {
    const record = inviteName(room, id);
    if (await core.keystore.get(record)) await core.keystore.batch([{ record, value: null }]);
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
    // Of two devices that answer at once the other one may have been quicker.
    admitted = known !== undefined;
    if (!join || !known) return null;
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
  if (admitted) await welcome(engine, asked.user, asked.root);
  return memberOf(engine.group.room.log, asked.user) !== undefined;
}
