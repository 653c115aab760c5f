import type { Priority, Task, TaskPatch, TaskStatus } from "@trackit/sdk";
import { dueFrom } from "../../data/due.ts";
import type { useWords } from "../../i18n/language.tsx";
import { text } from "../../ui/useForm.ts";

export const statuses: readonly TaskStatus[] = ["todo", "doing", "blocked", "done", "cancelled"];
export const priorities: readonly Priority[] = [0, 1, 2, 3];

/** "sport, shoes" as a list, each once. */
export function readTags(value: string): string[] {
  const tags = value.split(",").map((tag) => tag.trim().replace(/^#/, ""));
  return [...new Set(tags.filter((tag) => tag !== ""))];
}

export function readPriority(value: string): Priority {
  return priorities.find((one) => String(one) === value) ?? 0;
}

/** The fields of the form that differ from the row: what was not touched is not sent. */
export function taskPatch(data: FormData, base: Task): TaskPatch {
  const tags = readTags(text(data, "tags"));
  const dueAt = dueFrom(text(data, "dueAt"), text(data, "dueTime"))?.toISOString() ?? null;
  const given = {
    title: text(data, "title").trim(),
    description: text(data, "description"),
    status: statuses.find((one) => one === data.get("status")) ?? base.status,
    priority: readPriority(text(data, "priority")),
    goalId: text(data, "goalId") || null,
  };
  const patch: TaskPatch = {};
  if (given.title !== base.title) patch.title = given.title;
  if (given.description !== base.description) patch.description = given.description;
  if (given.status !== base.status) patch.status = given.status;
  if (given.priority !== base.priority) patch.priority = given.priority;
  if (given.goalId !== base.goalId) patch.goalId = given.goalId;
  if (tags.join("\n") !== base.tags.join("\n")) patch.tags = tags;
  if (!sameMinute(dueAt, base.dueAt)) patch.dueAt = dueAt;
  return patch;
}

/** A form shows minutes: seconds of the row must not count as a change. */
function sameMinute(a: string | null, b: string | null): boolean {
  const minute = (iso: string | null) => (iso === null ? null : Math.floor(Date.parse(iso) / 60_000));
  return minute(a) === minute(b);
}

type TaskPatchField = "title" | "description" | "status" | "priority" | "dueAt" | "tags" | "deletedAt";

interface Shown {
  name: string;
  text(task: Partial<Task>): string;
}

/** How the fields of a task are named and written where two versions stand side by side. */
export function taskValues({ t, format }: ReturnType<typeof useWords>): Record<TaskPatchField, Shown> {
  return {
    title: { name: t.tasks.name, text: (task) => task.title ?? "" },
    description: { name: t.tasks.notes, text: (task) => task.description ?? "" },
    status: { name: t.tasks.status, text: ({ status }) => (status ? t.tasks.statuses[status] : "") },
    priority: { name: t.tasks.priority, text: ({ priority }) => t.tasks.priorities[priority ?? 0] },
    dueAt: { name: t.goals.due, text: ({ dueAt }) => (dueAt ? format.dateTime(dueAt) : "") },
    deletedAt: {
      name: t.conflict.deleted,
      text: ({ deletedAt }) => (deletedAt ? t.conflict.yes : t.conflict.no),
    },
    tags: { name: t.tasks.tags, text: ({ tags }) => (tags ?? []).map((tag) => `#${tag}`).join(" ") },
  };
}
