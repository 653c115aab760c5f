import type postgres from "postgres";
import type { WireHead, WireLog } from "../../../sdk/src/chat/wire.ts";
import type { LyingProxy } from "./lying-proxy.ts";

/** Rows of somebody's list of devices. */
export async function rowsOf(sql: postgres.Sql, userId: string): Promise<number> {
  const [row] = await sql`select rows from identities where user_id = ${userId} and retired_at is null`;
  return Number(row?.rows);
}

/** Shows somebody a list of devices that ends with that row, wherever its length is told. */
export function hideRows(proxy: LyingProxy, to: string, whose: string, rows: number): { times: number } {
  const told = proxy.answers<WireLog[]>("read_device_logs", to, (logs, { args }) => {
    const asked = args.asked as { user_id: string; after?: number }[];
    return logs.map((log) => {
      const after = asked.find(({ user_id }) => user_id === log.user_id)?.after ?? 0;
      return log.user_id === whose
        ? { ...log, rows, entries: log.entries.slice(0, Math.max(0, rows - after)) }
        : log;
    });
  });
  proxy.answers<Partial<WireHead>[]>("heads", to, (heads) => heads.map(withRows(whose, rows)));
  return told;
}

/** A room's head in which somebody's list has so many rows. */
export const withRows = (whose: string, rows: number) => (head: Partial<WireHead>) => ({
  ...head,
  members:
    head.members?.map((one) => (one.user_id === whose ? { ...one, log_rows: rows } : one)) ?? head.members,
});
