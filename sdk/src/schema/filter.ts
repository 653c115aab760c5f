import * as z from "zod/mini";
import { jsonObject } from "./json.ts";
import { plainLine } from "./text.ts";
import { instant, priority } from "./values.ts";

/** One value, or several of which any may match. */
export function oneOrMany<T extends z.ZodMiniType>(one: T) {
  const many = z.array(one, "a list").check(z.minLength(1, "at least one"), z.maxLength(50, "at most 50"));
  return z.optional(
    z.pipe(
      z.transform((value: unknown) => (Array.isArray(value) ? value : [value])),
      many,
    ),
  );
}

const DUE_RULE = "overdue, today, soon, none, or { from, to }";
const due = z.union(
  [
    z.enum(["overdue", "today", "soon", "none"]),
    z.strictObject({ from: z.optional(instant), to: z.optional(instant) }),
  ],
  DUE_RULE,
);

const SORTS = ["position", "createdAt", "updatedAt", "dueAt", "priority"] as const;
export const direction = z.optional(z.enum(["asc", "desc"], "asc or desc"));

/** What lists of goals and of tasks have in common. */
export const filterFields = {
  priority: oneOrMany(priority),
  due: z.optional(due),
  custom: z.optional(jsonObject),
  search: z.optional(plainLine(1, 500)),
  deleted: z.optional(z.boolean("true or false")),
  sort: z.optional(z.enum(SORTS, `one of ${SORTS.join(", ")}`)),
  direction,
};
