import type * as z from "zod/mini";
import { TrackItError } from "../errors.ts";
import { check } from "../schema/check.ts";

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

/** USAGE_INVALID with a message that quotes the value, except for secrets. */
export function invalid(action: string, field: string, value: unknown, rule: string): TrackItError {
  const secret = /password|code|token/i.test(field);
  const shown = secret ? "this value" : quote(value);
  const init = { field, rule, ...(secret ? {} : { value }) };
  return new TrackItError(
    "USAGE_INVALID",
    `${action}: ${field || "the input"} is ${shown}, wanted ${rule}`,
    init,
  );
}

function quote(value: unknown): string {
  const text = typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
