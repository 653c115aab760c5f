import { TrackItError } from "../errors.ts";

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
