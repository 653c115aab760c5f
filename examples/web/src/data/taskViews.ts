import type { Task, TaskFilter, TaskStatus, TrackIt } from "@trackit/sdk";
import { deviceTimeZone, startOfDay } from "./due.ts";
import type { ListSource } from "./loaded.ts";

export const taskViews = ["all", "today", "overdue", "soon", "done", "deleted"] as const;
export type TaskView = (typeof taskViews)[number];

const open: readonly TaskStatus[] = ["todo", "doing", "blocked"];

export function isOpen(task: { status: TaskStatus }): boolean {
  return open.includes(task.status);
}

/** What each view asks of the server. */
const filters: Record<TaskView, TaskFilter> = {
  all: { status: open, sort: "position" },
  today: { status: open, due: "today", sort: "dueAt" },
  overdue: { status: open, due: "overdue", sort: "dueAt" },
  soon: { status: open, due: "soon", sort: "dueAt" },
  done: { status: ["done", "cancelled"], sort: "updatedAt", direction: "desc" },
  deleted: { deleted: true, sort: "updatedAt", direction: "desc" },
};

/** The same question asked of one row here; mirrors the SDK's words for `due`. */
function fits(task: Task, view: TaskView, now: Date): boolean {
  const due = task.dueAt ? new Date(task.dueAt) : null;
  if (view === "all") return true;
  if (view === "done") return !isOpen(task);
  if (view === "overdue") return due !== null && due < now;
  if (view === "today") return due !== null && due >= startOfDay(now) && due < startOfDay(now, 1);
  return view === "soon" && due !== null && due >= now && due < startOfDay(now, 8);
}

interface TaskQuery {
  view: TaskView;
  search: string;
  tag: string | null;
}

/** The tasks of a view, narrowed by words and a tag. A task finished here stays in sight until the next load. */
export function viewSource(client: TrackIt, { view, search, tag }: TaskQuery): ListSource<"tasks"> {
  const filter = { ...filters[view], search: search || undefined, tag: tag ?? undefined };
  return {
    table: "tasks",
    key: JSON.stringify([view, search, tag]),
    open: () => client.tasks.list(filter, { timeZone: deviceTimeZone() }),
    accepts: (task, known) => {
      if ((task.deletedAt !== null) !== (view === "deleted")) return false;
      if (known) return view !== "done" || !isOpen(task);
      // Which words a search finds is for the server to say: a new row waits for the next load.
      if (search !== "" || (tag && !task.tags.includes(tag))) return false;
      return view === "deleted" || ((view === "done" || isOpen(task)) && fits(task, view, new Date()));
    },
    deleted: view === "deleted",
    remote: search !== "",
    compare: comparisons[view],
  };
}

/** Every task of a goal, finished ones too: the page shows them apart. */
export function goalSource(client: TrackIt, goalId: string): ListSource<"tasks"> {
  return {
    table: "tasks",
    key: `goal ${goalId}`,
    open: () => client.tasks.list({ goalId, sort: "position" }),
    accepts: (task) => task.goalId === goalId && task.deletedAt === null,
    compare: byPosition,
  };
}

/** The subtasks of one task. */
export function subtaskSource(client: TrackIt, parentId: string): ListSource<"tasks"> {
  return {
    table: "tasks",
    key: `parent ${parentId}`,
    open: () => client.tasks.list({ parentId, sort: "position" }),
    accepts: (task) => task.parentId === parentId && task.deletedAt === null,
    compare: byPosition,
  };
}

interface Sortable {
  id: string;
  position: string;
}

/** By code units, as the database's C collation sorts. */
export function byPosition(a: Sortable, b: Sortable): number {
  return compareText(a.position, b.position) || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byDue(a: Task, b: Task): number {
  return compareText(a.dueAt ?? "9", b.dueAt ?? "9") || compareText(a.id, b.id);
}

function byUpdate(a: Task, b: Task): number {
  return compareText(b.updatedAt, a.updatedAt) || compareText(b.id, a.id);
}

const comparisons: Record<TaskView, (a: Task, b: Task) => number> = {
  all: byPosition,
  today: byDue,
  overdue: byDue,
  soon: byDue,
  done: byUpdate,
  deleted: byUpdate,
};
