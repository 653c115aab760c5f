import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import { uuid7 } from "../ids/uuid7.ts";
import { appended, isVersion7, numbered } from "../position/append.ts";
import { toColumns } from "../rows/camel.ts";
import { createRows, prepare } from "../rows/create.ts";
import type { Entity } from "../rows/entity.ts";
import { newGoal, newGoals, newGoalWithTasks } from "../schema/goal.ts";
import { toTask } from "../tasks/shape.ts";
import type { Task } from "../tasks/types.ts";
import { call, type RowOf } from "../transport/rest.ts";
import type { CallOptions } from "../types.ts";
import { toGoal } from "./shape.ts";
import type { Goal, Goals, GoalWithTasks, NewGoal } from "./types.ts";

const ACTION = "goals.create";

export function createGoal(entity: Entity<"goals", Goal>): Goals["create"] {
  function create(
    goal: NewGoal & { tasks: readonly object[] },
    options?: CallOptions,
  ): Promise<GoalWithTasks>;
  function create(goal: NewGoal, options?: CallOptions): Promise<Goal>;
  async function create(goal: NewGoal & { tasks?: readonly object[] }, options?: CallOptions) {
    if (goal?.tasks !== undefined) return createWithTasks(entity, goal, options?.signal);
    const [made] = await createRows(
      entity,
      [prepare(checked(newGoal, goal, ACTION))],
      ACTION,
      options?.signal,
    );
    return made;
  }
  return create as Goals["create"];
}

export async function createGoals(
  entity: Entity<"goals", Goal>,
  goals: readonly NewGoal[],
  { signal }: CallOptions = {},
): Promise<Goal[]> {
  const rows = checked(newGoals, goals, "goals.createMany");
  return createRows(entity, rows.map(prepare), "goals.createMany", signal);
}

/** One transaction in the database; what is sent follows from the input alone, so that it can be sent again. */
async function createWithTasks(
  { connection }: Entity<"goals", Goal>,
  input: object,
  signal: AbortSignal | undefined,
): Promise<GoalWithTasks> {
  const { tasks, id = uuid7(), ...goal } = checked(newGoalWithTasks, input, ACTION);
  const place = isVersion7(id) ? { position: appended(id) } : {};
  const columns = { ...place, ...toColumns(goal), id };
  const rows = tasks.map((task, index) => ({ position: numbered(index), ...toColumns(task) }));
  if (!connection.keeper) return sendGoalWithTasks(connection, columns, rows, ACTION, signal);
  // What is sent later has its ids now, so that later writes can name them.
  const named = rows.map((row) => ({ id: uuid7(), ...row }));
  const intent = { kind: "createTree", table: "goals", goal: columns, tasks: named } as const;
  const [first, ...others] = await connection.keeper.write(intent, { action: ACTION, signal });
  return { ...(first as Goal), tasks: others as Task[] };
}

export async function sendGoalWithTasks(
  { client }: Connection,
  goal: Record<string, unknown>,
  tasks: readonly Record<string, unknown>[],
  action: string,
  signal: AbortSignal | undefined,
): Promise<GoalWithTasks> {
  const made = await call(client, "goal_create", { goal, tasks }, action, signal);
  const stored = made as unknown as { goal: RowOf<"goals">; tasks: RowOf<"tasks">[] };
  return { ...toGoal(stored.goal), tasks: stored.tasks.map(toTask) };
}
