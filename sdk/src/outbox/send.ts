import type { Connection } from "../connect.ts";
import { isTrackItError, isVersionConflict, type TrackItError } from "../errors.ts";
import { goalEntity } from "../goals/index.ts";
import type { Entity, ThingTable } from "../rows/entity.ts";
import type { Columns, Intent } from "../rows/keeper.ts";
import { findRow } from "../rows/read.ts";
import { restoreRow } from "../rows/remove.ts";
import { reorderRow } from "../rows/reorder.ts";
import { sameContent } from "../rows/same.ts";
import { updateRow } from "../rows/update.ts";
import { taskEntity, taskSiblings } from "../tasks/index.ts";
import { create, createTree } from "./create.ts";
import type { Thing } from "./entry.ts";
import type { Sending } from "./sending.ts";

export type Send = (intent: Intent, sending: Sending) => Promise<Thing[]>;

/** Several others may write at the same moment; after so many rounds it is their turn to be told. */
const ROUNDS = 5;

/**
 * Sends a write so that sending it again, or a copy of it that the network delivers late, changes nothing more:
 * creates by their ids, changes by the version that they are based on. A row that already has what is wanted counts
 * as written, for the answer to an earlier try may have been lost.
 */
export function sendOver(connection: Connection): Send {
  const bare: Connection = { ...connection, keeper: null };
  return async (intent, sending) => {
    const { action } = sending;
    if (intent.kind === "createTree") return createTree(bare, intent, sending);
    return intent.table === "goals"
      ? sendTo(goalEntity(bare), intent, sending, (id, place, options) =>
          reorderRow(goalEntity(bare), (all) => all, id, place, options, action),
        )
      : sendTo(taskEntity(bare), intent, sending, (id, place, options) =>
          reorderRow(taskEntity(bare), taskSiblings, id, place, options, action),
        );
  };
}

type Reorder<Out> = (
  id: string,
  place: Extract<Intent, { kind: "reorder" }>["place"],
  options: { version?: number | undefined; signal?: AbortSignal | undefined },
) => Promise<Out>;

async function sendTo<Table extends ThingTable, Out extends Thing>(
  entity: Entity<Table, Out>,
  intent: Exclude<Intent, { kind: "createTree" }>,
  sending: Sending,
  reorder: Reorder<Out>,
): Promise<Out[]> {
  const { action, signal } = sending;
  switch (intent.kind) {
    case "create":
      return create(entity, intent.rows, sending);
    case "update":
      return [await update(entity, intent.id, intent.patch, sending)];
    case "reorder":
      // A place is a wish about neighbours, which no other change contradicts: the last one has it.
      return [
        await onTop({ ...sending, lastWins: true }, (version) =>
          reorder(intent.id, intent.place, { version, signal }),
        ),
      ];
    case "restore":
      return [await restoreRow(entity, intent.id, intent.patch, signal, action, sending.base ?? undefined)];
  }
}

async function update<Table extends ThingTable, Out extends Thing>(
  entity: Entity<Table, Out>,
  id: string,
  patch: Columns,
  sending: Sending,
): Promise<Out> {
  const { action, signal } = sending;
  try {
    return await onTop(sending, async (version) => {
      try {
        return await updateRow(entity, id, patch, { version, signal }, action);
      } catch (error) {
        if (isVersionConflict<Out>(error) && sameContent(patch, error.details.theirs))
          return error.details.theirs;
        throw error;
      }
    });
  } catch (error) {
    const gone = "deletedAt" in patch && isTrackItError(error, "ACCESS_NOT_FOUND");
    const row = gone ? await findRow(entity, id, action, signal) : null;
    if (row) return entity.toOut(row);
    throw error;
  }
}

/** Writes on the version given, and where the last one wins on whatever version is there by then. */
async function onTop<Out>(
  { base, lastWins }: Sending,
  write: (version: number | undefined) => Promise<Out>,
): Promise<Out> {
  let version = base ?? undefined;
  for (let round = 1; ; round++) {
    try {
      return await write(version);
    } catch (error) {
      if (!lastWins || round === ROUNDS || !isVersionConflict<{ version: number }>(error)) throw error;
      version = error.details.theirs.version;
    }
  }
}

/** What a refusal means for a kept write. */
export type Verdict = "offline" | "later" | "signedOut" | "failed";

export function verdictOn({ code }: TrackItError): Verdict {
  switch (code) {
    case "NETWORK_OFFLINE":
    case "NETWORK_TIMEOUT":
      return "offline";
    case "NETWORK_SERVER":
    case "NETWORK_ABORTED":
    case "CONFLICT_BUSY":
    case "LIMIT_RATE":
      return "later";
    case "AUTH_REQUIRED":
    case "AUTH_SECOND_FACTOR":
    case "AUTH_SUSPENDED":
    case "AUTH_KEY":
      return "signedOut";
    default:
      return "failed";
  }
}
