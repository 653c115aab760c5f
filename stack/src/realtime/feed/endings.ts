import type { Identity } from "../access/identity.ts";
import type { Hub } from "../hub.ts";
import type { Change } from "./changes.ts";
import { isTable, named } from "./row.ts";

/** Whether a change may end somebody's right to listen: of a session, or of a user. */
export const isEnding = ({ relation }: Pick<Change, "relation">): boolean =>
  isTable(relation, "auth", "sessions") || isTable(relation, "auth", "users");

/** Closes the channels of a session that was ended, and of a user who was banned or deleted, with their sockets. */
export function endChannels(change: Change, hub: Hub): void {
  const isOver = whoseEnd(change);
  if (!isOver) return;
  hub.endings++;
  const over = [...hub.channels()].filter(({ identity }) => isOver(identity));
  for (const channel of over) channel.shutDown("The session of the token has ended");
  for (const connection of new Set(over.map((channel) => channel.connection))) connection.end();
}

/** Whether it does: most changes of sessions and users do not. */
export const ends = (change: Change): boolean => whoseEnd(change) !== null;

function whoseEnd({ kind, relation, row, old }: Change): ((identity: Identity) => boolean) | null {
  const isSession = relation.table === "sessions";
  const { id, banned_until: banned, deleted_at: deleted } = named(relation, row ?? old ?? []);
  if (typeof id !== "string") return null;
  if (kind === "DELETE") {
    return ({ claims }) => (isSession ? claims.session_id : claims.sub) === id;
  }
  const isBanned = typeof banned === "string" && isLater(banned);
  return !isSession && (isBanned || typeof deleted === "string") ? ({ claims }) => claims.sub === id : null;
}

const isLater = (time: string) => time === "infinity" || Date.parse(time) > Date.now();
