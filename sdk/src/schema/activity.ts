import * as z from "zod/mini";
import { direction, oneOrMany } from "./filter.ts";
import { plainLine } from "./text.ts";
import { uuid } from "./values.ts";

export const activityFilter = z.strictObject({
  kind: oneOrMany(plainLine(1, 50)),
  entity: z.optional(z.enum(["goal", "task", "file"], "goal, task or file")),
  entityId: z.optional(uuid),
  direction,
});
