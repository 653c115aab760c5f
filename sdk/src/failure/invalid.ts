import { TrackItError } from "../errors.ts";

const SECRET = /password|code|token/i;

/** USAGE_INVALID with a message that quotes the value; secrets are neither quoted nor kept. */
export function invalid(action: string, field: string, value: unknown, rule: string): TrackItError {
  const shown = SECRET.test(field) ? undefined : withoutSecrets(value);
  const what = SECRET.test(field) ? "this value" : quote(shown);
  const init = { field, rule, value: shown };
  return new TrackItError(
    "USAGE_INVALID",
    `${action}: ${field || "the input"} is ${what}, wanted ${rule}`,
    init,
  );
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (!Object.keys(value).some((key) => SECRET.test(key))) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !SECRET.test(key)));
}

function quote(value: unknown): string {
  const text = typeof value === "bigint" ? `${value}n` : (safeJson(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Undefined for what JSON cannot hold, circles among it. */
function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
