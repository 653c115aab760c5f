import { type CallOptions, isTrackItError } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../app/client.tsx";
import { useBackOnline } from "../app/online.ts";
import { type Change, publish, seenRow, subscribe, type Tables } from "./changes.ts";
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
        (row) => publish(table, row),
        (error: unknown) => {
          if (!signal?.aborted) setRead((now) => failed(now, error));
        },
      );
    },
    [client, table, id],
  );
  useEffect(
    () => subscribe(table, (change) => setRead((now) => ({ ...now, row: changed(now.row, change, id) }))),
    [table, id],
  );
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal);
    return () => stop.abort();
  }, [load]);
  useBackOnline(read.error === null ? null : load);
  const waiting = useWaitingRows(table).find((row) => row.id === id);
  const row = waiting ? { ...waiting, position: read.row?.position ?? waiting.position } : read.row;
  return { row, error: read.error, reload: load };
}

function failed<Row extends { deletedAt: string | null }>({ row }: Read<Row>, error: unknown): Read<Row> {
  if (row && isTrackItError(error, "ACCESS_NOT_FOUND")) return { row: deleted(row), error: null };
  return { row, error };
}

function changed<Row extends { id: string; version: number; deletedAt: string | null }>(
  now: Row | null,
  change: Change<Row>,
  id: string,
): Row | null {
  if (change.kind === "gone") return change.id === id ? null : now;
  const next = change.kind === "all" ? change.rows.get(id) : change.row;
  if (!next) return now && deleted(now);
  if (next.id !== id || (now && now.version > next.version)) return now;
  return next;
}

/** A row that is not there any more, as far as can be told: its time of deletion is when that was heard. */
function deleted<Row extends { deletedAt: string | null }>(row: Row): Row {
  return row.deletedAt === null ? { ...row, deletedAt: new Date().toISOString() } : row;
}
