import { toHex } from "../../crypto/bytes/index.ts";
import type { Invite } from "../../crypto/room-log/index.ts";
import type { Query, TableDoor } from "../../transport/rest.ts";
import type { Core } from "../core.ts";

/** The keystore's record of an invite's secret: also of those that the user's other devices have made. */
export const inviteName = (room: Uint8Array, invite: Uint8Array): string =>
  `invite/${toHex(room)}/${toHex(invite)}`;

/** Whether somebody can come in by it still. */
export const isOpenInvite = ({ expires, used, uses }: Invite, now = Date.now()): boolean =>
  used < uses && now < expires;

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
