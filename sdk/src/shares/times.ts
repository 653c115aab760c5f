import { invalid } from "../failure/invalid.ts";
import type { Instant } from "../types.ts";
import type { Duration } from "./types.ts";

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** When something ends, as ISO 8601; null: never; undefined: nothing was said. @throws USAGE_INVALID */
export function endOf(
  given: { expiresAt?: Instant | null | undefined; expiresIn?: Duration | undefined },
  action: string,
): string | null | undefined {
  const { expiresAt, expiresIn } = given;
  if (expiresAt !== undefined && expiresIn !== undefined)
    throw invalid(action, "expiresIn", expiresIn, "either expiresIn or expiresAt");
  if (expiresAt === null) return null;
  if (expiresIn !== undefined) return new Date(Date.now() + milliseconds(expiresIn, action)).toISOString();
  if (expiresAt === undefined) return undefined;
  const at = new Date(expiresAt);
  if (Number.isNaN(at.getTime()) || at.getTime() <= Date.now())
    throw invalid(action, "expiresAt", expiresAt, "a time to come");
  return at.toISOString();
}

function milliseconds(given: Duration, action: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(String(given)) ?? [];
  const ms = typeof given === "number" ? given : Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  const most = 10 * 365 * 86_400_000;
  if (ms > 0 && ms <= most) return ms;
  throw invalid(
    action,
    "expiresIn",
    given,
    'milliseconds, or a number with s, m, h, d or w ("7d"), at most ten years',
  );
}
