import type { Connection } from "../connect.ts";
import type { ThingTable } from "../rows/entity.ts";
import type { ThingFilter } from "../rows/filters.ts";
import type { Listing } from "../types.ts";
import type { Change, Watch, WatchOptions } from "./types.ts";

/** What the engine looks at in a row; the rest is the app's. */
export interface LiveRow {
  id: string;
  status: string;
  priority: number;
  dueAt: string | null;
  deletedAt: string | null;
  custom: object;
  version: number;
}

/** A filter that is watched: how its rows are read, and how one that is told of is judged. */
export interface View<Row extends LiveRow> {
  table: ThingTable;
  /** What the caller asked for, "goals.watch"; opens every message. */
  action: string;
  filter: ThingFilter;
  /** States in which a row is never overdue. */
  finished: readonly string[];
  /** All states that there are. */
  statuses: readonly string[];
  /** The rows of the filter in its order; what is given replaces that part of it. */
  list(instead: Pick<ThingFilter, "due" | "status">): Listing<Row>;
  /** A row as it is told, under SDK names. */
  toOut(raw: object): Row;
  /** Whether a row is in those parts of the filter that this noun has for itself. */
  own(row: Row): boolean;
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
