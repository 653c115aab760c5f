import type { Goal } from "../goals/types.ts";
import { camelRow } from "../rows/camel.ts";
import type { Columns, Intent } from "../rows/keeper.ts";
import type { Task } from "../tasks/types.ts";
import type { Thing } from "./entry.ts";

/** What every new row has before the server has seen it; `version` is the one that it will begin with. */
function fresh(ownerId: string, now: string) {
  const times = { completedAt: null, deletedAt: null, createdAt: now, updatedAt: now };
  return { ownerId, description: "", priority: 0, dueAt: null, custom: {}, version: 1, ...times } as const;
}

const GOAL = {
  status: "open",
  colour: null,
  icon: null,
  startsOn: null,
  progress: 0,
  tasksTotal: 0,
  tasksDone: 0,
} as const;

const TASK = {
  status: "todo",
  goalId: null,
  parentId: null,
  assigneeId: null,
  remindAt: null,
  rrule: null,
  tags: [] as string[],
} as const;

/** The rows as they will be when the write has reached the server, as far as a device can know. */
export function foreseen(intent: Intent, before: Thing | null, ownerId: string, at: number): Thing[] {
  const now = new Date(at).toISOString();
  const goal = (columns: Columns): Goal => made({ ...GOAL, ...fresh(ownerId, now) }, columns) as Goal;
  const task = (columns: Columns): Task => made({ ...TASK, ...fresh(ownerId, now) }, columns) as Task;
  if (intent.kind === "create") {
    return intent.rows.map(({ columns }) => (intent.table === "goals" ? goal(columns) : task(columns)));
  }
  if (intent.kind === "createTree") {
    const goalId = intent.goal.id;
    const tasks = intent.tasks.map((columns) => task({ ...columns, goal_id: goalId }));
    return [{ ...goal(intent.goal), tasksTotal: tasks.length }, ...tasks];
  }
  if (before === null) return [];
  const patch = intent.kind === "reorder" ? {} : intent.patch;
  const after = { ...before, ...given(patch), updatedAt: now };
  if (intent.kind === "restore") after.deletedAt = null;
  const completedAt = after.status === "done" ? (before.completedAt ?? now) : null;
  return [{ ...after, completedAt } as Thing];
}

function made(blank: object, columns: Columns): object {
  return { ...blank, ...camelRow(columns) };
}

function given(patch: Columns): Columns {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
