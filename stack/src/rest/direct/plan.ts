import { randomUUID } from "node:crypto";
import type { Returns } from "../database/catalog.ts";

/** One request compiled: a statement that gives the finished body, and how its answer is to be dressed. */
export interface Plan {
  text: string;
  values: string[];
  kind: "read" | "insert" | "update" | "delete" | "call";
  /** Rows skipped before the first, for Content-Range. */
  offset: number;
  /** What a call gives back. */
  returns?: Returns;
}

/**
 * What a statement that wants exactly one row says when it finds another number, so that Postgres undoes what
 * it did without being asked a second time. Random per process and bound as a parameter, never sent out: no
 * other error can look like it.
 */
const notOneMark = `rows ${randomUUID()} `;

/** SQL that fails, by a cast that cannot succeed, unless `count(*)` is one. */
export const oneRowOrFail = (bind: (value: string) => string) =>
  `case count(*) when 1 then '1' else (${bind(notOneMark)}::text || count(*))::int::text end`;

/** The number of rows that `oneRowOrFail` complained of, or null for any other error. */
export function rowsInstead(message: string): number | null {
  const place = message.indexOf(notOneMark);
  return place < 0 ? null : Number.parseInt(message.slice(place + notOneMark.length), 10);
}
