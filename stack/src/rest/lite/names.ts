import { errorReply, type Reply } from "../error-reply.ts";

/**
 * The refusal of a filter whose name lite would misread, or null. lite looks names up in plain objects: one of
 * `Object.prototype` (`constructor`) counts as known and is then dropped in silence, so that a write would hit
 * more rows than were meant. A NUL makes a message that Postgres ends the connection for.
 */
export function refuseNames(query: string): Reply | null {
  for (const key of new URLSearchParams(query).keys()) {
    const name = key.slice(key.lastIndexOf(".") + 1);
    if (name.includes("\0")) {
      return errorReply(400, "PGRST100", "failed to parse filter: its name has a NUL in it");
    }
    if (name in Object.prototype) return errorReply(400, "42703", `column "${name}" does not exist`);
  }
  return null;
}
