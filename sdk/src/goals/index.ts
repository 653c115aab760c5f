import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import type { Entity } from "../rows/entity.ts";
import { noted } from "../rows/keeper.ts";
import { getRow } from "../rows/read.ts";
import { removeRow, restoreRow } from "../rows/remove.ts";
import { reorderRow } from "../rows/reorder.ts";
import { updateRow } from "../rows/update.ts";
import { goalPatch } from "../schema/goal.ts";
import type { WriteOptions } from "../types.ts";
import { createGoal, createGoals } from "./create.ts";
import { listGoals } from "./list.ts";
import { toGoal } from "./shape.ts";
import type { Goal, GoalPatch, Goals } from "./types.ts";
import { watchGoals } from "./watch.ts";

export function goalEntity(connection: Connection): Entity<"goals", Goal> {
  return { connection, table: "goals", toOut: (row) => noted(connection, "goals", toGoal(row)) };
}

export function createGoalsOn(connection: Connection): Goals {
  const entity = goalEntity(connection);

  async function change(
    id: string,
    patch: GoalPatch,
    options: WriteOptions | undefined,
    action: string,
  ): Promise<Goal> {
    return updateRow(entity, id, checked(goalPatch, patch, action), options ?? {}, action);
  }

  return {
    create: createGoal(entity),
    createMany: (goals, options) => createGoals(entity, goals, options),
    get: async (id, options) => entity.toOut(await getRow(entity, id, "goals.get", options?.signal)),
    list: (filter, options) => listGoals(connection, filter ?? {}, options ?? {}),
    watch: (filter, listener, options) => watchGoals(connection, filter, listener, options),
    update: (id, patch, options) => change(id, patch, options, "goals.update"),
    setStatus: (id, status, options) => change(id, { status }, options, "goals.setStatus"),
    reschedule: (id, dueAt, options) => change(id, { dueAt }, options, "goals.reschedule"),
    reorder: (id, place, options) =>
      reorderRow(entity, (all) => all, id, place, options ?? {}, "goals.reorder"),
    remove: (id, options) => removeRow(entity, id, options ?? {}, "goals.remove"),
    restore: async (id, { title, signal } = {}) => {
      const change = title === undefined ? {} : checked(goalPatch, { title }, "goals.restore");
      return restoreRow(entity, id, change, signal, "goals.restore");
    },
  };
}
