import { run } from "../transport/rest.ts";
import type { Core } from "./core.ts";
import { fromUuid } from "./ids.ts";
import { inviteName, joinRequests } from "./room/invite.ts";
import { openRoom } from "./rooms.ts";

/** Requests that are looked at in one go. */
const MOST = 200;

/** Opens the rooms into which somebody asks to be let by an invite of this user's, whichever device has made it. */
export async function answerWaiting(core: Core): Promise<void> {
  const found = await run(joinRequests(core).limit(MOST), "rooms");
  const asking = found.filter(({ user_id }) => user_id !== core.me.userId);
  const isKnown = async ({ invite, room_id }: (typeof asking)[number]) =>
    (await core.keystore.get(inviteName(fromUuid(room_id), fromUuid(invite)))) !== null;
  const known = await Promise.all(asking.map(isKnown));
  if (known.includes(false)) await core.shared(); // Another device's, or another admin's.
  const rooms = new Set<string>();
  for (const [at, one] of asking.entries()) if (known[at] || (await isKnown(one))) rooms.add(one.room_id);
  // Whoever is open answers.
  for (const room of rooms) await openRoom(core, room, "rooms").catch(() => {});
}
