import type { Goal } from "../goals/types.ts";
import type { Task } from "../tasks/types.ts";

export type Kind = "goal" | "task";

/** What can be written, in the order in which a reader wants to see it. */
export const FIELDS = {
  goal: [
    "id",
    "title",
    "description",
    "status",
    "priority",
    "colour",
    "icon",
    "startsOn",
    "dueAt",
    "position",
    "custom",
  ],
  task: [
    "id",
    "goalId",
    "parentId",
    "title",
    "description",
    "status",
    "priority",
    "assigneeId",
    "dueAt",
    "remindAt",
    "rrule",
    "tags",
    "position",
    "custom",
  ],
} as const satisfies { goal: readonly (keyof Goal)[]; task: readonly (keyof Task)[] };

/** What the database keeps by itself: present in a JSON export for its reader, passed over by an import. */
export const KEPT: readonly string[] = [
  "ownerId",
  "progress",
  "tasksTotal",
  "tasksDone",
  "completedAt",
  "deletedAt",
  "createdAt",
  "updatedAt",
  "version",
];

export const CSV_COLUMNS: readonly string[] = [
  "kind",
  ...new Set<string>([...FIELDS.task.slice(0, 7), ...FIELDS.goal, ...FIELDS.task]),
];

/** Empty in a cell means null for these, and "not given" for the others. */
const NULLABLE = [
  "goalId",
  "parentId",
  "colour",
  "icon",
  "startsOn",
  "dueAt",
  "remindAt",
  "rrule",
  "assigneeId",
];

export function toCell(field: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (field === "tags") return Array.isArray(value) && value.length > 0 ? JSON.stringify(value) : "";
  if (field === "custom") return JSON.stringify(value) === "{}" ? "" : JSON.stringify(value);
  return String(value);
}

/** The value of a cell; text that is no JSON or number is left as it is, for the schema to refuse. */
export function fromCell(field: string, cell: string): unknown {
  if (field === "description") return cell;
  if (cell === "") return emptyValue(field);
  if (field === "priority") return /^\d+$/.test(cell) ? Number(cell) : cell;
  if (field === "custom") return parsed(cell);
  if (field === "tags") return cell.startsWith("[") ? parsed(cell) : splitTags(cell);
  return cell;
}

function emptyValue(field: string): unknown {
  if (field === "tags") return [];
  if (field === "custom") return {};
  if (field === "title") return "";
  return NULLABLE.includes(field) ? null : undefined;
}

/** As people type them: `home; urgent`. */
function splitTags(cell: string): string[] {
  const names = cell.split(/[;,]/).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ""))];
}

function parsed(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
