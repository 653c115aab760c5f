import type { Goal } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { publish, subscribe } from "../../data/changes.ts";

export interface GoalState {
  goal: Goal | null;
  error: unknown;
  reload(): void;
}

/** One goal, read from the server and kept in step with every change on the page. */
export function useGoal(id: string): GoalState {
  const client = useClient();
  const [goal, setGoal] = useState<Goal | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(
    (signal?: AbortSignal) => {
      setError(null);
      client.goals.get(id, { signal }).then(
        (row) => {
          setGoal(row);
          publish("goals", row);
        },
        (failure: unknown) => {
          if (!signal?.aborted) setError(failure);
        },
      );
    },
    [client, id],
  );
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal);
    return () => stop.abort();
  }, [load]);
  useEffect(
    () =>
      subscribe("goals", (row) => {
        if (row.id === id) setGoal((now) => (now && now.version > row.version ? now : row));
      }),
    [id],
  );
  return { goal, error, reload: load };
}
