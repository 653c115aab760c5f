import { type CallOptions, isTrackItError, TrackItError } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../app/client.tsx";
import { useBackOnline } from "../app/online.tsx";
import { type Change, reread, seenRow, subscribe, type Tables } from "./changes.ts";
import { useWaitingRows } from "./outbox.tsx";

export interface RowState<Row> {
  /** Null until it has come; a deleted one stays in sight, with its time of deletion. */
  row: Row | null;
  error: unknown;
  reload(): void;
}

/** The part of the client that is used here, spelt so that a table's name and its rows stay together. */
type Nouns = {
  [Name in keyof Tables]: { get(id: string, options: CallOptions): Promise<Tables[Name]> };
};

interface Read<Row> {
  row: Row | null;
  error: unknown;
}

/** One row: as this page has seen it, as the server has it, and in step with every change from then on. */
export function useRow<Name extends keyof Tables>(table: Name, id: string): RowState<Tables[Name]> {
  type Row = Tables[Name];
  const client = useClient();
  const [read, setRead] = useState<Read<Row>>(() => ({ row: seenRow(table, id), error: null }));
  const load = useCallback(
    (signal?: AbortSignal) => {
      setRead((now) => ({ ...now, error: null }));
      // Deleted rows are not read one by one: what was seen of it is all there is.
      if (seenRow(table, id)?.deletedAt) return;
      const nouns: Nouns = client;
      nouns[table].get(id, { signal }).then(
        (row) => reread(table, row),
        (error: unknown) => {
          if (!signal?.aborted) setRead((now) => failed(now, error));
        },
      );
    },
    [client, table, id],
  );
  useEffect(() => subscribe(table, (change) => setRead((now) => changed(now, change, id))), [table, id]);
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal);
    return () => stop.abort();
  }, [load]);
  useBackOnline(read.error === null ? null : load);
  const waiting = useWaitingRows(table).find((row) => row.id === id);
  return { row: waiting ?? read.row, error: read.error, reload: load };
}

function failed<Row extends { deletedAt: string | null }>({ row }: Read<Row>, error: unknown): Read<Row> {
  if (row && isTrackItError(error, "ACCESS_NOT_FOUND")) return { row: deleted(row), error: null };
  return { row, error };
}

function changed<Row extends { id: string; version: number; deletedAt: string | null }>(
  now: Read<Row>,
  change: Change<Row>,
  id: string,
): Read<Row> {
  const { row } = now;
  if (change.kind === "gone") return change.id === id ? gone(id) : now;
  const next = change.kind === "all" ? change.rows.get(id) : change.row;
  if (!next) return row ? { row: deleted(row), error: null } : now;
  if (next.id !== id || (row && row.version > next.version)) return now;
  return { row: next, error: null };
}

function gone(id: string): { row: null; error: unknown } {
  return { row: null, error: new TrackItError("ACCESS_NOT_FOUND", `show: ${id} is not there any more`) };
}

/** A row that is not there any more, as far as can be told: its time of deletion is when that was heard. */
function deleted<Row extends { deletedAt: string | null }>(row: Row): Row {
  return row.deletedAt === null ? { ...row, deletedAt: new Date().toISOString() } : row;
}
