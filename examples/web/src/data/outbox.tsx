import type { OutboxChange, TrackIt } from "@trackit/sdk";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useClient, useSession } from "../app/client.tsx";
import { forgetRows, publish, refresh, type Tables, withdraw } from "./changes.ts";
import { unplace } from "./place.ts";
import { isTask, type Mark, nothingWaits, type Waiting, waitingOf } from "./waiting.ts";

const Context = createContext<Waiting>(nothingWaits);

/** Keeps what waits for the network at hand, for this account, from this tab and others; nothing for the next one. */
export function OutboxProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const user = useSession()?.user.id;
  const [waiting, setWaiting] = useState(nothingWaits);
  useEffect(() => {
    setWaiting(nothingWaits);
    forgetRows();
    if (user === undefined) return;
    return follow(client, setWaiting);
  }, [client, user]);
  return <Context value={waiting}>{children}</Context>;
}

/** What waits on this device. */
export function useWaiting(): Waiting {
  return useContext(Context);
}

/** The rows of a table as they will be once what waits is sent. */
export function useWaitingRows<Name extends keyof Tables>(table: Name): readonly Tables[Name][] {
  const rows: { [Table in keyof Tables]: readonly Tables[Table][] } = useContext(Context);
  return rows[table];
}

/** Whether a row waits to be sent, or was refused; null when the server has it. */
export function useMark(id: string): Mark | null {
  return useContext(Context).marks.get(id) ?? null;
}

function follow({ outbox }: TrackIt, show: (waiting: Waiting) => void): () => void {
  let ended = false;
  let reading = false;
  let again = false;
  const read = async (): Promise<void> => {
    again = reading;
    if (reading) return;
    reading = true;
    const now = await Promise.all([outbox.pending(), outbox.failed()]).then(
      ([pending, failed]) => waitingOf(pending, failed),
      (error: unknown) => ({ ...nothingWaits, error }),
    );
    reading = false;
    if (ended) return;
    show(now);
    if (again) void read();
  };
  const stop = outbox.on("change", (change) => {
    settle(change);
    void read();
  });
  void read();
  return () => {
    ended = true;
    stop();
  };
}

/** What is sent is a row as any other; what is given up is again as it was, and what was to be new never came. */
function settle({ kind, write, rows }: OutboxChange): void {
  if (kind !== "sent" && kind !== "cancelled") return;
  if (write.action.endsWith(".reorder")) for (const id of write.entityIds) unplace(id);
  for (const row of rows) isTask(row) ? publish("tasks", row) : publish("goals", row);
  // What went along with a deletion on this page is not part of the write.
  if (kind === "cancelled" && /\.(remove|restore)$/.test(write.action)) refresh("tasks");
  if (kind === "cancelled" && rows.length === 0) for (const id of write.entityIds) withdraw(write.table, id);
}
