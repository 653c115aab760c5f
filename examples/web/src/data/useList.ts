import type { Listing } from "@trackit/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { onRefresh, subscribe, type Tables } from "./changes.ts";

export interface ListSource<Name extends keyof Tables> {
  table: Name;
  /** Loads anew when it changes. */
  key: string;
  open(): Listing<Tables[Name]>;
  /** Whether a row that changed belongs here. @param known it is in the list already */
  accepts(row: Tables[Name], known: boolean): boolean;
  compare(a: Tables[Name], b: Tables[Name]): number;
  pageSize?: number;
}

export interface ListState<Row> {
  rows: readonly Row[];
  /** `loading` only before the first page; a reload keeps what is shown. */
  status: "loading" | "ready" | "failed";
  error: unknown;
  /** Reads the next page; null when all is here. */
  more: (() => Promise<void>) | null;
  reload(): void;
}

interface Loaded<Row> {
  key: string;
  /** Which asking for this list the rows answer; `reload` asks again. */
  turn: number;
  rows: Row[];
  next: string | null;
  error: unknown;
  done: boolean;
}

/** A list from the server, kept in step with every change that the page publishes. */
export function useList<Name extends keyof Tables>(source: ListSource<Name>): ListState<Tables[Name]> {
  type Row = Tables[Name];
  const { table, key, pageSize = 100 } = source;
  const current = useRef(source);
  current.current = source;
  const [turn, setTurn] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<Row>>(() => empty(key));

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    current.current
      .open()
      .page({ limit: pageSize, signal })
      .then(
        ({ rows, next }) => setLoaded({ key, turn, rows, next, error: null, done: true }),
        (error: unknown) => {
          if (signal.aborted) return;
          setLoaded((now) => ({ ...(now.key === key ? now : empty<Row>(key)), turn, error }));
        },
      );
    return () => stop.abort();
  }, [key, turn, pageSize]);

  useEffect(
    () =>
      subscribe(table, (row: Row) =>
        setLoaded((now) => ({ ...now, rows: merge(now.rows, row, current.current) })),
      ),
    [table],
  );

  const { next } = loaded;
  const more = useCallback(async () => {
    const page = await current.current.open().page({ limit: pageSize, after: next });
    setLoaded((now) => {
      const known = new Set(now.rows.map((row) => row.id));
      const rows = [...now.rows, ...page.rows.filter((row) => !known.has(row.id))];
      return { ...now, rows, next: page.next };
    });
  }, [next, pageSize]);

  const shown = loaded.key === key ? loaded : empty<Row>(key);
  const status = shown.error ? "failed" : shown.done ? "ready" : "loading";
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  useEffect(() => onRefresh(table, reload), [table, reload]);
  return { rows: shown.rows, status, error: shown.error, more: next ? more : null, reload };
}

function empty<Row>(key: string): Loaded<Row> {
  return { key, turn: 0, rows: [], next: null, error: null, done: false };
}

/** Puts a changed row where it belongs, or takes it out. */
export function merge<Row extends { id: string; version: number }>(
  rows: Row[],
  row: Row,
  { accepts, compare }: { accepts(row: Row, known: boolean): boolean; compare(a: Row, b: Row): number },
): Row[] {
  const known = rows.find((one) => one.id === row.id);
  if (known && known.version > row.version) return rows;
  if (!accepts(row, known !== undefined)) return known ? rows.filter((one) => one.id !== row.id) : rows;
  const others = rows.filter((one) => one.id !== row.id);
  return [...others, row].sort(compare);
}
