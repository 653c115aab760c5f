import * as z from "zod/mini";
import { jsonObject } from "./json.ts";
import { plainLine, plainText } from "./text.ts";
import { day, instant, position, priority, uuid } from "./values.ts";

export const GOAL_STATUSES = ["open", "done", "dropped", "archived"] as const;
export const goalStatus = z.enum(GOAL_STATUSES, `one of ${GOAL_STATUSES.join(", ")}`);

const fields = {
  title: plainLine(1, 200),
  description: z.optional(plainText(10_000)),
  status: z.optional(goalStatus),
  priority: z.optional(priority),
  colour: z.optional(z.nullable(plainLine(1, 40))),
  icon: z.optional(z.nullable(plainLine(1, 40))),
  startsOn: z.optional(z.nullable(day)),
  dueAt: z.optional(z.nullable(instant)),
  position: z.optional(position),
  custom: z.optional(jsonObject),
};

export const newGoal = z.strictObject({ id: z.optional(uuid), ...fields });
export const goalPatch = z.strictObject({ ...fields, title: z.optional(fields.title) });
