import { invalid } from "../failure/invalid.ts";
import { decodeCursor, encodeCursor } from "../paging/cursor.ts";
import { run, type TableDoor } from "../transport/rest.ts";
import type { CallOptions, Page } from "../types.ts";
import type { Core } from "./core.ts";
import { idOf } from "./people.ts";
import type { BlockedPerson } from "./types.ts";

interface Block {
  blocked_id: string;
  created_at: string;
}

/** Times come from the server, and ids: both stand in a filter as they are. */
const ORDER = "created_at.desc";

export async function block(
  core: Core,
  who: string,
  blocked: boolean,
  { signal }: CallOptions = {},
): Promise<void> {
  const action = blocked ? "rooms.block" : "rooms.unblock";
  await core.wire.ask("set_blocked", { user: await idOf(core, who, action), blocked }, action, signal);
}

/** Whom one has blocked. What they are called, their own devices say, and not the server. */
export async function readBlocked(
  core: Core,
  after: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<Page<BlockedPerson>> {
  const action = "rooms.blocked";
  const blocks = core.connection.client.from("blocks") as unknown as TableDoor<Block>;
  const latest = blocks
    .select("blocked_id,created_at")
    .order("created_at", { ascending: false })
    .order("blocked_id", { ascending: false })
    .limit(limit + 1);
  const { value, id } = after === null ? { value: "infinity", id: "" } : decodeCursor(ORDER, after, action);
  const same = id && `,and(created_at.eq."${value}",blocked_id.lt."${id}")`;
  const query = latest.lte("created_at", value).or(`created_at.lt."${value}"${same}`);
  const found = await run(query, action, signal);
  const shown = found.slice(0, limit);
  const logs = await core.directory.presentOf(
    shown.map(({ blocked_id }) => blocked_id),
    action,
  );
  const rows = shown.map(async ({ blocked_id: userId, created_at: blockedAt }): Promise<BlockedPerson> => {
    const log = logs.get(userId);
    return { userId, username: log ? await core.directory.name(log.user, log.root) : null, blockedAt };
  });
  const last = found.length > limit ? shown.at(-1) : undefined;
  const next = last ? encodeCursor(ORDER, { value: last.created_at, id: last.blocked_id }) : null;
  return { rows: await Promise.all(rows), next };
}

export async function report(
  core: Core,
  who: string,
  { reason, roomId, signal }: CallOptions & { reason: string; roomId?: string },
): Promise<void> {
  const action = "rooms.report";
  if (typeof reason !== "string" || reason.trim() === "")
    throw invalid(action, "reason", reason, "some words");
  const args = { user: await idOf(core, who, action), reason, ...(roomId ? { room: roomId } : {}) };
  await core.wire.ask("report_user", args, action, signal);
}
