import type { Database } from "../access/database.ts";
import type { Change, Relation } from "../feed/changes.ts";
import { named } from "../feed/row.ts";
import { completeRow, type Row } from "./complete.ts";
import { matching } from "./matching.ts";
import type { Subscription } from "./subscription.ts";
import type { Table } from "./table.ts";

/** A change, its rows by their columns, and who listens to it. */
export interface Heard {
  change: Change;
  row: Row | null;
  old: Row | null;
  listeners: Subscription[];
}

/** Who listens to each change, by event and filters alone; changes that nobody listens to are left out. */
export async function findHeard(
  database: Database,
  table: Table,
  run: Change[],
  subscriptions: Subscription[],
): Promise<Heard[]> {
  const heard: Heard[] = [];
  for (const change of run) {
    const interested = subscriptions.filter(
      ({ params: { event } }) => event === "*" || event === change.kind,
    );
    if (interested.length === 0) continue;
    const { relation } = change;
    const before = change.old && (await completeRow(database, table, named(relation, change.old), null));
    const row = change.row && (await completeRow(database, table, named(relation, change.row), before));
    const old = before ?? (change.kind === "UPDATE" && row ? keyOf(relation, row) : null);
    const listeners = await matching(database, table, row ?? old ?? {}, interested);
    if (listeners.length > 0) heard.push({ change, row, old, listeners });
  }
  return heard;
}

/** An update whose key stayed the same does not tell it twice. */
function keyOf(relation: Relation, row: Row): Row {
  const keys = relation.columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  return Object.fromEntries(keys.map((name) => [name, row[name]]));
}
