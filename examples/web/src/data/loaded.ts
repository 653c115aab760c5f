import type { Goal, Listing, Page, Task } from "@trackit/sdk";
import { type Change, isSeenWhole, note, seenRows, subscribe, type Tables } from "./changes.ts";
import { merge, type Rules, restocked, without } from "./merge.ts";

export interface ListSource<Name extends keyof Tables> extends Rules<Tables[Name]> {
  table: Name;
  /** Loads anew when it changes. */
  key: string;
  open(): Listing<Tables[Name]>;
  /** Holds deleted rows, which are not among all there are: it asks the server instead. */
  deleted?: boolean;
  /** Only the server knows which rows belong in it: a search. */
  remote?: boolean;
  pageSize?: number;
}

/** As much of a list is drawn as nobody scrolls through while the server is away. */
const MOST_REMEMBERED = 500;

/** What a page has of a list. */
export interface Loaded<Row> {
  key: string;
  /** Which asking for this list the rows answer; `reload` asks again. */
  turn: number;
  rows: readonly Row[];
  next: string | null;
  /** The last row of the last page, where more follow. */
  edge: Row | null;
  error: unknown;
  /** The rows are the list's, and not just those that happen to be known. */
  done: boolean;
}

export function empty<Row>(key: string): Loaded<Row> {
  return { key, turn: 0, rows: [], next: null, edge: null, error: null, done: false };
}

/** Reads the first page. What changes while the answer is on its way is not in it, and is put in. */
export async function readFirst<Name extends keyof Tables>(
  source: ListSource<Name>,
  turn: number,
  options: { limit: number; signal: AbortSignal },
): Promise<Loaded<Tables[Name]>> {
  type Row = Tables[Name];
  const { table, key } = source;
  const missed: Change<Row>[] = [];
  const stop = subscribe(table, (change) => missed.push(change));
  try {
    const { rows, next } = await source.open().page(options);
    note(table, rows);
    const read = { key, turn, rows, next, edge: edgeOf(rows, next), error: null, done: true };
    return missed.reduce<Loaded<Row>>((now, change) => changed(now, change, source), read);
  } finally {
    stop();
  }
}

/** What this page has seen of a list that cannot be read now. */
export function remembered<Name extends keyof Tables>({
  table,
  key,
  accepts,
  compare,
  deleted = false,
  remote = false,
}: ListSource<Name>): Loaded<Tables[Name]> {
  const rows = seenRows(table).filter((row) => accepts(row, false));
  const done = isSeenWhole(table) && !deleted && !remote;
  return { ...empty<Tables[Name]>(key), rows: rows.sort(compare).slice(0, MOST_REMEMBERED), done };
}

export function changed<Row extends Goal | Task>(
  now: Loaded<Row>,
  change: Change<Row>,
  rules: Rules<Row> & { deleted?: boolean },
): Loaded<Row> {
  if (change.kind === "gone") return { ...now, rows: without(now.rows, change.id) };
  if (change.kind === "row")
    return { ...now, rows: merge(now.rows, change.row, rules, change.here ? null : now.edge) };
  return rules.deleted ? now : { ...now, rows: restocked(now.rows, change.rows, rules, now.edge) };
}

/** Puts a further page to the others. */
export function withPage<Row extends Goal | Task>(
  now: Loaded<Row>,
  { rows, next }: { rows: readonly Row[]; next: Page<Row>["next"] },
  { accepts, compare }: Rules<Row>,
): Loaded<Row> {
  const known = new Set(now.rows.map((row) => row.id));
  const fresh = rows.filter((row) => !known.has(row.id) && accepts(row, true));
  return { ...now, rows: [...now.rows, ...fresh].sort(compare), next, edge: edgeOf(rows, next) };
}

function edgeOf<Row>(rows: readonly Row[], next: string | null): Row | null {
  return next === null ? null : (rows.at(-1) ?? null);
}
