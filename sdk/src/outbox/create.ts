import type { Connection } from "../connect.ts";
import { isTrackItError } from "../errors.ts";
import { sendGoalWithTasks } from "../goals/create.ts";
import { goalEntity } from "../goals/index.ts";
import { createRows, type Prepared } from "../rows/create.ts";
import type { Entity, ThingTable } from "../rows/entity.ts";
import type { Columns, Intent } from "../rows/keeper.ts";
import { findRows } from "../rows/read.ts";
import { sameContent } from "../rows/same.ts";
import { taskEntity } from "../tasks/index.ts";
import type { Thing } from "./entry.ts";
import type { Sending } from "./sending.ts";

/**
 * Stores rows. What an earlier try has stored, whose answer was lost, may have been changed by another device since: its
 * ids are taken by other content then, and it is written all the same.
 */
export async function create<Table extends ThingTable, Out extends Thing>(
  entity: Entity<Table, Out>,
  rows: readonly Prepared[],
  sending: Sending,
): Promise<Out[]> {
  try {
    return await createRows(entity, rows, sending.action, sending.signal);
  } catch (error) {
    const wanted = rows.map(({ id, given }) => ({ ...given, id }));
    return orWritten(error, sending, () => written(entity, wanted, sending));
  }
}

/** The same for a goal with its tasks. */
export async function createTree(
  connection: Connection,
  { goal, tasks }: Extract<Intent, { kind: "createTree" }>,
  sending: Sending,
): Promise<Thing[]> {
  const { action, signal } = sending;
  try {
    const made = await sendGoalWithTasks(connection, goal, tasks, action, signal);
    const { tasks: below, ...top } = made;
    return [top, ...below];
  } catch (error) {
    return orWritten(error, sending, async () => {
      const top = await written(goalEntity(connection), [goal], sending);
      const below = top && (await written(taskEntity(connection), tasks, sending));
      return below && [...top, ...below];
    });
  }
}

/** Where an earlier try may have written the rows, a refusal of their ids is looked into. */
async function orWritten<Out>(
  error: unknown,
  { isRepeated }: Sending,
  look: () => Promise<Out[] | null>,
): Promise<Out[]> {
  const found = isRepeated && isTrackItError(error, "CONFLICT_ID") ? await look() : null;
  if (found) return found;
  throw error;
}

/** The rows as they are by now, if each has what was sent or has been changed since it was made; otherwise null. */
async function written<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  wanted: readonly Columns[],
  { action, signal }: Sending,
): Promise<Out[] | null> {
  const ids = wanted.map(({ id }) => String(id));
  const found = new Map((await findRows(entity, ids, action, signal)).map((row) => [row.id, row]));
  const rows = wanted.flatMap((sent, at) => {
    const row = found.get(ids[at] ?? "");
    return row && (row.version > 1 || sameContent(sent, row)) ? [entity.toOut(row)] : [];
  });
  return rows.length === wanted.length ? rows : null;
}
