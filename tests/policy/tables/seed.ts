import type { TestStack } from "../../support/stack.ts";
import type { Key, Row } from "../expectations.ts";

/** Inserts a row past every policy and returns the columns that find it. */
export async function insertRow(
  { db }: TestStack,
  table: string,
  row: Row,
  key: readonly string[],
): Promise<Key> {
  const columns = Object.keys(row);
  const places = columns.map((_, at) => `$${at + 1}`);
  const { rows } = await db.query<Key>(
    `insert into public.${table} (${columns.join(", ")}) values (${places.join(", ")}) returning ${key.join(", ")}`,
    Object.values(row),
  );
  const [found] = rows;
  if (!found) throw new Error(`inserting into ${table} returned no row`);
  return found;
}

let numbers = 0;

/** A title that nobody has used yet. */
export const nextTitle = (thing: string): string => `A ${thing}, number ${++numbers}`;

/** A word that nobody has used yet. */
export const nextWord = (thing: string): string => `${thing}-${++numbers}`;
