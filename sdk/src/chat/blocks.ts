import { decodeCursor, encodeCursor } from "../paging/cursor.ts";
import { type Order, orderName, seek } from "../paging/keyset.ts";
import { run, type TableDoor } from "../transport/rest.ts";
import type { CallOptions, Page } from "../types.ts";
import type { Core } from "./core.ts";
import { idOf } from "./people.ts";
import type { BlockedPerson } from "./types.ts";

interface Block {
  blocked_id: string;
  created_at: string;
}

const LATEST: Order = { column: "created_at", direction: "desc", id: "blocked_id" };

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
  const order = orderName(LATEST);
  const cursor = after === null ? null : decodeCursor(order, after, action);
  const blocks = core.connection.client.from("blocks") as unknown as TableDoor<Block>;
  const query = seek(blocks.select("blocked_id,created_at"), LATEST, cursor).limit(limit + 1);
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
  const next = last ? encodeCursor(order, { value: last.created_at, id: last.blocked_id }) : null;
  return { rows: await Promise.all(rows), next };
}
