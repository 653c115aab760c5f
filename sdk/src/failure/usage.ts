import type * as z from "zod/mini";
import { TrackItError } from "../errors.ts";
import { check } from "../schema/check.ts";
import { invalid } from "./invalid.ts";

/**
 * Checks input before it leaves.
 *
 * @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD with field, value and rule.
 */
export function checked<Output>(
  schema: z.ZodMiniType<Output, unknown>,
  input: unknown,
  action: string,
): Output {
  const result = check(schema, input);
  if (result.ok) return result.value;
  const { kind, field, value, rule } = result.fault;
  if (kind === "unknown") {
    throw new TrackItError("USAGE_UNKNOWN_FIELD", `${action}: there is no field ${field}`, { field, rule });
  }
  throw invalid(action, field, value, rule);
}
