import * as z from "zod/mini";
import { filterFields, oneOrMany } from "./filter.ts";
import { jsonObject } from "./json.ts";
import { newTaskOfGoal } from "./task.ts";
import { plainLine, plainText } from "./text.ts";
import { day, instant, position, priority, uuid } from "./values.ts";

export const GOAL_STATUSES = ["open", "done", "dropped", "archived"] as const;
export const goalStatus = z.enum(GOAL_STATUSES, `one of ${GOAL_STATUSES.join(", ")}`);

const COLOUR_RULE = "a colour: #rrggbb or a name of a to z";
const colour = z.string(COLOUR_RULE).check(z.regex(/^(#[0-9a-fA-F]{6}|[a-z]{1,24})$/, COLOUR_RULE));

const fields = {
  title: plainLine(1, 200),
  description: z.optional(plainText(10_000)),
  status: z.optional(goalStatus),
  priority: z.optional(priority),
  colour: z.optional(z.nullable(colour)),
  icon: z.optional(z.nullable(plainLine(1, 32))),
  startsOn: z.optional(z.nullable(day)),
  dueAt: z.optional(z.nullable(instant)),
  position: z.optional(position),
  custom: z.optional(jsonObject),
};

export const newGoal = z.strictObject({ id: z.optional(uuid), ...fields });
export const newGoals = z.array(newGoal, "a list of goals");
export const newGoalWithTasks = z.strictObject({
  id: z.optional(uuid),
  ...fields,
  tasks: z.array(newTaskOfGoal, "a list of tasks").check(z.maxLength(500, "at most 500 tasks")),
});
export const goalPatch = z.strictObject({ ...fields, title: z.optional(fields.title) });

export const goalFilter = z.strictObject({ ...filterFields, status: oneOrMany(goalStatus) });
