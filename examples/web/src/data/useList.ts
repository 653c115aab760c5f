import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { heed } from "../app/ended.ts";
import { useBackOnline } from "../app/online.tsx";
import { note, onRefresh, subscribe, type Tables } from "./changes.ts";
import { changed, empty, type ListSource, type Loaded, readFirst, remembered, withPage } from "./loaded.ts";
import { overlaid } from "./merge.ts";
import { useWaitingRows } from "./outbox.tsx";
import { usePlaces } from "./place.ts";

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
    readFirst(asked, turn, { limit: pageSize, signal }).then(setLoaded, (error: unknown) => {
      if (signal.aborted) return;
      heed(error);
      setLoaded((now) => ({ ...(now.done && now.key === key ? now : remembered(asked)), turn, error }));
    });
    return () => stop.abort();
  }, [key, turn, pageSize]);

  useEffect(
    () =>
      subscribe(table, (change) => {
        if (current.current.deleted && change.kind === "all") reload();
        setLoaded((now) => changed(now, change, current.current));
      }),
    [table, reload],
  );
  useEffect(() => onRefresh(table, reload), [table, reload]);
  useBackOnline(loaded.error === null ? null : reload);

  const { next } = loaded;
  const more = useCallback(async () => {
    try {
      const page = await current.current.open().page({ limit: pageSize, after: next });
      const rows = note(table, page.rows);
      setLoaded((now) => withPage(now, { rows, next: page.next }, current.current));
    } catch (error) {
      heed(error);
      setLoaded((now) => ({ ...now, error }));
    }
  }, [table, next, pageSize]);

  const shown = loaded.key === key ? loaded : empty<Row>(key);
  const rows = useShown(table, shown.rows, current.current);
  const status = shown.done ? "ready" : shown.error ? "failed" : "loading";
  return { rows, status, error: shown.error, more: shown.next ? more : null, reload };
}

/** The rows with what waits on this device and where it was moved. */
function useShown<Name extends keyof Tables>(
  table: Name,
  rows: readonly Tables[Name][],
  source: ListSource<Name>,
): readonly Tables[Name][] {
  const waiting = useWaitingRows(table);
  const places = usePlaces();
  const rules = useRef(source);
  rules.current = source;
  return useMemo(() => overlaid(rows, waiting, places, rules.current), [rows, waiting, places]);
}
