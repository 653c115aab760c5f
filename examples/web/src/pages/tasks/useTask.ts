import type { Task } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { publish, subscribe } from "../../data/changes.ts";

export interface TaskState {
  task: Task | null;
  error: unknown;
  reload(): void;
}

/** One task, read from the server and kept in step with every change on the page. */
export function useTask(id: string): TaskState {
  const client = useClient();
  const [task, setTask] = useState<Task | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(
    (signal?: AbortSignal) => {
      setError(null);
      client.tasks.get(id, { signal }).then(
        (row) => {
          setTask(row);
          publish("tasks", row);
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
      subscribe("tasks", (row) => {
        if (row.id === id) setTask((now) => (now && now.version > row.version ? now : row));
      }),
    [id],
  );
  return { task, error, reload: load };
}
