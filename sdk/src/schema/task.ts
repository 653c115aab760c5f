import * as z from "zod/mini";
import { jsonObject } from "./json.ts";
import { plainLine, plainText } from "./text.ts";
import { instant, position, priority, uuid } from "./values.ts";

export const TASK_STATUSES = ["todo", "doing", "blocked", "done", "cancelled"] as const;
export const taskStatus = z.enum(TASK_STATUSES, `one of ${TASK_STATUSES.join(", ")}`);

/** RFC 5545 §3.3.10: a frequency first or later, parts joined by semicolons. */
const RRULE =
  /^(?=.*\bFREQ=(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)\b)[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*$/;
const RRULE_RULE = "an RFC 5545 rule, such as FREQ=WEEKLY;BYDAY=MO";

export const tag = plainLine(1, 50);
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
  rrule: z.optional(
    z.nullable(z.string(RRULE_RULE).check(z.regex(RRULE, RRULE_RULE), z.maxLength(500, RRULE_RULE))),
  ),
  tags: z.optional(z.array(tag, "a list of tags").check(z.maxLength(20, "at most 20 tags"))),
  position: z.optional(position),
  custom: z.optional(jsonObject),
};

export const newTask = z.strictObject({ id: z.optional(uuid), ...fields });
export const taskPatch = z.strictObject({ ...fields, title: z.optional(fields.title) });
