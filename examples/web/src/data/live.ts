import type { Change, TrackIt, TrackItError, Watch, WatchOptions } from "@trackit/sdk";
import { Calm, followPointer } from "../app/calm.ts";
import { heed } from "../app/ended.ts";
import { arrive, restock, seenRow, type Tables, withdraw } from "./changes.ts";

/** A watch that failed for another reason than the session is tried again after so many milliseconds. */
const AGAIN = 30_000;

/**
 * Watches all goals and tasks of the account for as long as somebody is signed in, and hands on whatever changes to
 * every list and form on the page: one watch of each table, whatever is open.
 * @returns ends it
 */
export function followTables(client: TrackIt): () => void {
  const stop = new AbortController();
  const calm = new Calm();
  const stopPointer = followPointer(calm);
  const hear = <Name extends keyof Tables>(table: Name) => {
    return (change: Change<Tables[Name]>) => calm.run(() => take(table, change));
  };
  const begin = (watch: (options: WatchOptions) => Watch): void => {
    const again = () => stop.signal.aborted || begin(watch);
    const onError = (error: TrackItError) => {
      heed(error);
      if (!error.code.startsWith("AUTH_")) setTimeout(again, AGAIN);
    };
    // What ends a watch is told to onError as well.
    watch({ signal: stop.signal, onError }).ready.catch(() => undefined);
  };
  begin((options) => client.goals.watch({}, hear("goals"), options));
  begin((options) => client.tasks.watch({}, hear("tasks"), options));
  return () => {
    stop.abort();
    stopPointer();
  };
}

function take<Name extends keyof Tables>(table: Name, change: Change<Tables[Name]>): void {
  if (change.kind === "snapshot") restock(table, change.rows);
  else if (change.kind === "removed") remove(table, change.id);
  else arrive(table, change.row);
}

/** All that is not deleted is watched: what leaves it is deleted. */
function remove<Name extends keyof Tables>(table: Name, id: string): void {
  const row = seenRow(table, id);
  if (row) arrive(table, { ...row, deletedAt: row.deletedAt ?? new Date().toISOString() });
  else withdraw(table, id);
}
