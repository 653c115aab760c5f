import { describeError } from "../../gateway/errors.ts";
import type { Log } from "../../part.ts";
import type { Changes } from "../changes/changes.ts";
import type { Hub } from "../hub.ts";
import type { Backlog } from "./backlog.ts";
import type { Batch, Change } from "./changes.ts";
import { endChannels, ends, isEnding } from "./endings.ts";
import type { Listener } from "./feed.ts";
import { isMessages, tellMessage } from "./messages.ts";
import { named } from "./row.ts";

/** Takes each change to what it means, in the order of the WAL. */
export function createDispatch(hub: Hub, backlog: Backlog, changes: Changes, log: Log): Listener {
  /** One that cannot be said, such as JSON of enormous depth, holds none of the others up. */
  const tellAll = (run: Change[], { committedAt }: Batch) => {
    for (const change of run) {
      try {
        tellMessage(change, Number(committedAt / 1000n), hub, backlog);
      } catch (error) {
        log.error("realtime.message", describeError(error));
      }
    }
  };
  return {
    wants: (relation) => isMessages({ relation }) || isEnding({ relation }) || changes.wants(relation),
    // Most of what a busy project announces is for people who are not there: it costs no question to Postgres.
    concerns: (batch) =>
      (batch.changes.length > 0 && backlog.takes(Number(batch.committedAt / 1000n))) ||
      batch.changes.some((change) => isForSomebody(change, hub, changes)),
    async hear(batch, reached) {
      for (const run of runs(batch)) {
        try {
          const [first] = run;
          if (first && changes.wants(first.relation)) await changes.tell(run, batch.committedAt);
          // What cannot fail for want of Postgres comes last, so that a run is told as a whole or not at all.
          if (first && isMessages(first)) tellAll(run, batch);
          else if (first && isEnding(first)) for (const change of run) endChannels(change, hub);
        } catch (error) {
          // A connection that was lost brings the transaction again; anything else would fail for ever.
          if (isConnectionError(error)) throw error;
          log.error("realtime.change", describeError(error));
        }
        reached(run.at(-1)?.place ?? 0);
      }
    },
  };
}

function isForSomebody(change: Change, hub: Hub, changes: Changes): boolean {
  if (changes.wants(change.relation)) return true;
  // Somebody may be joining who was asked about just before.
  if (!isMessages(change)) return isEnding(change) && ends(change);
  if (hub.isEmpty) return false;
  const { topic, private: isPrivate } = named(change.relation, change.row ?? []);
  return typeof topic === "string" && hub.find(topic, isPrivate === "t") !== null;
}

/** Changes of one table that follow each other. */
function* runs({ changes }: Batch): Generator<Change[]> {
  let run: Change[] = [];
  for (const change of changes) {
    if (run[0] && run[0].relation !== change.relation) {
      yield run;
      run = [];
    }
    run.push(change);
  }
  if (run.length > 0) yield run;
}

/** Class 57P: the server stops or kills; 53300: it has none left; class 08 and Node's own: the connection is gone. */
function isConnectionError(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (/^(?:57P|53300|08|ECONN|EPIPE|ENOENT)/.test(code)) return true;
  return (
    error instanceof Error &&
    /^(?:Connection terminated|timeout exceeded|Client .* not queryable)/.test(error.message)
  );
}
