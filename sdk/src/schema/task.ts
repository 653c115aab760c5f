import * as z from "zod/mini";
import { filterFields, oneOrMany } from "./filter.ts";
import { jsonObject } from "./json.ts";
import { plainLine, plainText } from "./text.ts";
import { instant, position, priority, uuid } from "./values.ts";

export const TASK_STATUSES = ["todo", "doing", "blocked", "done", "cancelled"] as const;
export const taskStatus = z.enum(TASK_STATUSES, `one of ${TASK_STATUSES.join(", ")}`);

/** The part of RFC 5545 §3.3.10 that the database takes: by the day or slower. */
const RRULE = /^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[A-Z0-9,+-]+)*$/;
const RRULE_RULE = "an RFC 5545 rule of at most 500 characters, such as FREQ=WEEKLY;BYDAY=MO";
const rrule = z.string(RRULE_RULE).check(z.regex(RRULE, RRULE_RULE), z.maxLength(500, RRULE_RULE));

const tag = plainLine(1, 50);
const tags = z.array(tag, "a list of tags").check(
  z.maxLength(20, "at most 20 tags"),
  z.refine((list) => new Set(list).size === list.length, "each tag once"),
);

const fields = {
  goalId: z.optional(z.nullable(uuid)),
  parentId: z.optional(z.nullable(uuid)),
  title: plainLine(1, 200),
  description: z.optional(plainText(10_000)),
  status: z.optional(taskStatus),
  priority: z.optional(priority),
  assigneeId: z.optional(z.nullable(uuid)),
  dueAt: z.optional(z.nullable(instant)),
  remindAt: z.optional(z.nullable(instant)),
  rrule: z.optional(z.nullable(rrule)),
  tags: z.optional(tags),
  position: z.optional(position),
  custom: z.optional(jsonObject),
};

export const newTask = z.strictObject({ id: z.optional(uuid), ...fields });
export const newTasks = z.array(newTask, "a list of tasks");

const { goalId: _goalId, ...fieldsOfGoal } = fields;
export const newTaskOfGoal = z.strictObject({ id: z.optional(uuid), ...fieldsOfGoal });

export const taskPatch = z.strictObject({ ...fields, title: z.optional(fields.title) });

export const taskFilter = z.strictObject({
  ...filterFields,
  status: oneOrMany(taskStatus),
  goalId: z.optional(z.nullable(uuid)),
  parentId: z.optional(z.nullable(uuid)),
  tag: z.optional(tag),
  tags: z.optional(tags),
});
