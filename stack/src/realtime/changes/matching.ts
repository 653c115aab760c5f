import type { Database } from "../access/database.ts";
import type { Value } from "../feed/changes.ts";
import type { Condition } from "./condition.ts";
import { prepareConditions } from "./prepare.ts";
import type { Subscription } from "./subscription.ts";
import type { Table } from "./table.ts";

/** Which subscriptions' filters a row passes. Postgres is asked once, for all conditions that texts cannot decide. */
export async function matching(
  database: Database,
  table: Table,
  row: Record<string, Value>,
  subscriptions: Subscription[],
): Promise<Subscription[]> {
  const open = new Map<string, boolean>();
  const judged: { subscription: Subscription; asked: string[] }[] = [];
  for (const subscription of subscriptions) {
    const conditions =
      subscription.params.filters.length > 0 ? await prepared(database, table, subscription) : [];
    const asked = judge(conditions, row);
    if (!asked) continue;
    for (const sql of asked) open.set(sql, false);
    judged.push({ subscription, asked });
  }
  if (open.size > 0) await askPostgres(database, open);
  return judged
    .filter(({ asked }) => asked.every((sql) => open.get(sql)))
    .map(({ subscription }) => subscription);
}

/** @returns null where the row fails for certain, else what remains to be asked */
function judge(conditions: Condition[], row: Record<string, Value>): string[] | null {
  const asked: string[] = [];
  for (const condition of conditions) {
    const text = row[condition.column];
    const decided = text === undefined ? false : condition.decide(text);
    if (decided === false) return null;
    if (decided === null) asked.push(condition.sql(text ?? null));
  }
  return asked;
}

async function askPostgres(database: Database, open: Map<string, boolean>): Promise<void> {
  const all = [...open.keys()];
  const [row] = await database.query<Record<string, boolean>>(
    `select ${all.map((sql, index) => `${sql} as c${index}`).join(", ")}`,
  );
  for (const [index, sql] of all.entries()) open.set(sql, row?.[`c${index}`] === true);
}

// A table that was altered since may no longer fit: then nothing passes.
function prepared(
  database: Database,
  table: Table,
  { prepared, params }: Subscription,
): Promise<Condition[]> {
  const known = prepared.get(table);
  if (known) return known;
  const fresh = prepareConditions(database, table, params.filters).catch((error) => {
    prepared.delete(table);
    if (error && typeof error === "object" && "code" in error) return [never];
    throw error;
  });
  prepared.set(table, fresh);
  return fresh;
}

const never: Condition = {
  column: "",
  operands: new Set(),
  filter: { column: "", operator: "eq", negate: false, value: "" },
  sql: () => "false",
  decide: () => false,
};
