import type { CallOptions } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../app/client.tsx";
import { publish, subscribe, type Tables } from "./changes.ts";

export interface RowState<Row> {
  /** Null until it has come. */
  row: Row | null;
  error: unknown;
  reload(): void;
}

/** The part of the client that is used here, spelt so that a table's name and its rows stay together. */
type Nouns = {
  [Name in keyof Tables]: { get(id: string, options: CallOptions): Promise<Tables[Name]> };
};

/** One row, read from the server and kept in step with every change on the page. */
export function useRow<Name extends keyof Tables>(table: Name, id: string): RowState<Tables[Name]> {
  const client = useClient();
  const [row, setRow] = useState<Tables[Name] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(
    (signal?: AbortSignal) => {
      setError(null);
      const nouns: Nouns = client;
      nouns[table].get(id, { signal }).then(
        (read) => {
          setRow(read);
          publish(table, read);
        },
        (failure: unknown) => {
          if (!signal?.aborted) setError(failure);
        },
      );
    },
    [client, table, id],
  );
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal);
    return () => stop.abort();
  }, [load]);
  useEffect(
    () =>
      subscribe(table, (changed) => {
        if (changed.id === id) setRow((now) => (now && now.version > changed.version ? now : changed));
      }),
    [table, id],
  );
  return { row, error, reload: load };
}
