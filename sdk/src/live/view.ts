import type { Connection } from "../connect.ts";
import type { ThingTable } from "../rows/entity.ts";
import type { ThingFilter } from "../rows/filters.ts";
import type { Sort } from "../rows/order.ts";
import { run, searched } from "../transport/rest.ts";
import type { Direction, Listing } from "../types.ts";
import type { Change, Watch, WatchOptions } from "./types.ts";

/** What the engine looks at in a row; the rest is the app's. */
export interface LiveRow {
  id: string;
  ownerId: string;
  status: string;
  priority: number;
  position: string;
  dueAt: string | null;
  deletedAt: string | null;
  createdAt: string;
  updatedAt: string;
  custom: object;
  version: number;
}

/** A filter that is watched: how its rows are read, and how one that is told of is judged. */
export interface View<Row extends LiveRow> {
  table: ThingTable;
  /** What the caller asked for, "goals.watch"; opens every message. */
  action: string;
  filter: ThingFilter & { sort?: Sort | undefined; direction?: Direction | undefined };
  /** All states that there are, and those in which a row is never overdue. */
  statuses: readonly string[];
  finished: readonly string[];
  /** The rows of the filter in its order; what is given replaces that part of it. */
  list(instead: Pick<ThingFilter, "due" | "status">): Listing<Row>;
  /** Which of these rows the words of `search` are found in, as the server sees it. */
  found(ids: readonly string[], signal: AbortSignal): Promise<string[]>;
  /** Whether the caller has said where days begin; else the profile does. */
  namesZone: boolean;
  /** Where days begin. */
  timeZone(signal: AbortSignal): Promise<string>;
  /** A row as it is told, under SDK names. */
  toOut(raw: object): Row;
  /** Whether a row is in those parts of the filter that this noun has for itself. */
  own(row: Row): boolean;
}

/** Rows per request: a watcher wants them all. */
export const PAGE = 500;

/** Which of these rows the words are found in. */
export async function foundAmong(
  { client }: Connection,
  table: ThingTable,
  words: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const rows = await run(searched(client, table, words).in("id", ids), `${table}.watch`, signal);
  return rows.map(({ id }) => id);
}

/** Begins a watch on the live half of a client. */
export function watchOn<Row extends LiveRow>(
  { live }: Connection,
  view: View<Row>,
  listener: (change: Change<Row>) => void,
  options: WatchOptions,
): Watch {
  if (!live) throw new Error("a connection without its live half");
  return live.watch(view, listener, options);
}
