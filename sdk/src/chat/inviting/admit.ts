import { type Bytes, equal, fromBase64url, toHex } from "../../crypto/bytes/index.ts";
import { checkJoin, decodeJoin } from "../../crypto/invite/index.ts";
import { type Invite, memberOf } from "../../crypto/room-log/index.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import { changeRoom } from "../room/change.ts";
import type { RoomEngine } from "../room/engine.ts";
import { inviteName, isOpenInvite } from "../room/invite.ts";
import { welcome } from "../room/name.ts";

export interface WireRequest {
  user_id: string;
  invite: string;
  request: string;
}

/** Lets in whoever asks rightly; the others are told that nobody is let in. */
export async function admitAll(engine: RoomEngine, found: readonly WireRequest[]): Promise<void> {
  const { core, id, room } = engine;
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
