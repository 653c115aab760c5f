import type { Goal, Listing, Page, Task } from "@trackit/sdk";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { heed } from "../app/ended.ts";
import { useBackOnline } from "../app/online.tsx";
import { type Change, isSeenWhole, note, onRefresh, seenRows, subscribe, type Tables } from "./changes.ts";
import { merge, overlaid, type Rules, restocked, without } from "./merge.ts";
import { useWaitingRows } from "./outbox.tsx";
import { usePlaces } from "./place.ts";

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

export interface ListState<Row> {
  rows: readonly Row[];
  /** `loading` only before the first page, `failed` only without one: what is shown stays. */
  status: "loading" | "ready" | "failed";
  /** Why what is shown may be old; null when it is not. */
  error: unknown;
  /** Reads the next page; null when all is here. */
  more: (() => Promise<void>) | null;
  reload(): void;
}

/** As much of a list is drawn as nobody scrolls through while the server is away. */
const MOST_REMEMBERED = 500;

interface Loaded<Row> {
  key: string;
  /** Which asking for this list the rows answer; `reload` asks again. */
  turn: number;
  rows: readonly Row[];
  next: string | null;
  /** The last row of the last page, where more follow. */
  edge: Row | null;
  error: unknown;
  done: boolean;
}

/** A list from the server, kept in step with every change on the page, on other devices, and in the outbox. */
export function useList<Name extends keyof Tables>(source: ListSource<Name>): ListState<Tables[Name]> {
  type Row = Tables[Name];
  const { table, key, pageSize = 100 } = source;
  const current = useRef(source);
  current.current = source;
  const [turn, setTurn] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<Row>>(() => empty(key));
  const reload = useCallback(() => setTurn((n) => n + 1), []);

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const asked = current.current;
    asked
      .open()
      .page({ limit: pageSize, signal })
      .then(
        ({ rows, next }) => {
          note(table, rows);
          setLoaded({ key, turn, rows, next, edge: edgeOf(rows, next), error: null, done: true });
        },
        (error: unknown) => {
          if (signal.aborted) return;
          heed(error);
          setLoaded((now) => ({
            ...(now.done && now.key === key ? now : remembered(asked)),
            turn,
            error,
          }));
        },
      );
    return () => stop.abort();
  }, [table, key, turn, pageSize]);

  useEffect(
    () =>
      subscribe(table, (change) => {
        if (current.current.deleted && change.kind === "all") reload();
        else setLoaded((now) => changed(now, change, current.current));
      }),
    [table, reload],
  );
  useEffect(() => onRefresh(table, reload), [table, reload]);
  useBackOnline(loaded.error === null ? null : reload);

  const { next } = loaded;
  const more = useCallback(async () => {
    const page = await current.current.open().page({ limit: pageSize, after: next });
    note(table, page.rows);
    setLoaded((now) => withPage(now, page, current.current));
  }, [table, next, pageSize]);

  const shown = loaded.key === key ? loaded : empty<Row>(key);
  const waiting = useWaitingRows(table);
  const places = usePlaces();
  // The rules belong to the key: the same key has the same ones.
  const rows = useMemo(
    () => overlaid(shown.rows, waiting, places, current.current),
    [shown.rows, waiting, places],
  );
  const status = shown.done ? "ready" : shown.error ? "failed" : "loading";
  return { rows, status, error: shown.error, more: shown.next ? more : null, reload };
}

function empty<Row>(key: string): Loaded<Row> {
  return { key, turn: 0, rows: [], next: null, edge: null, error: null, done: false };
}

/** What this page has seen of a list that cannot be read now. */
function remembered<Name extends keyof Tables>({
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

function edgeOf<Row>(rows: readonly Row[], next: string | null): Row | null {
  return next === null ? null : (rows.at(-1) ?? null);
}

function changed<Row extends Goal | Task>(
  now: Loaded<Row>,
  change: Change<Row>,
  rules: Rules<Row>,
): Loaded<Row> {
  if (change.kind === "gone") return { ...now, rows: without(now.rows, change.id) };
  if (change.kind === "all") return { ...now, rows: restocked(now.rows, change.rows, rules, now.edge) };
  return { ...now, rows: merge(now.rows, change.row, rules, change.here ? null : now.edge) };
}

function withPage<Row extends Goal | Task>(
  now: Loaded<Row>,
  { rows, next }: Page<Row>,
  { compare }: Rules<Row>,
): Loaded<Row> {
  const known = new Set(now.rows.map((row) => row.id));
  const joined = [...now.rows, ...rows.filter((row) => !known.has(row.id))].sort(compare);
  return { ...now, rows: joined, next, edge: edgeOf(rows, next) };
}
