import { describe, expect, it } from "vitest";
import { endOf } from "./times.ts";
import type { Duration } from "./types.ts";

const action = "a test";
const misuse = expect.objectContaining({ code: "USAGE_INVALID" });

/** Milliseconds from now until the end that is read, to a second. */
function leftOf(expiresIn: Duration): number {
  const before = Date.now();
  const end = Date.parse(endOf({ expiresIn }, action) ?? "");
  expect(end).toBeLessThanOrEqual(Date.now() + 10 * 365 * 86_400_000);
  return Math.round((end - before) / 1_000);
}

describe("when a link ends", () => {
  it.each([
    ["90s", 90],
    ["5m", 300],
    ["1h", 3_600],
    ["1.5h", 5_400],
    ["7d", 604_800],
    ["2w", 1_209_600],
    [60_000, 60],
  ] as const)("is %s from now", (given, seconds) => {
    // A slow machine may be between the two looks at the clock.
    expect(Math.abs(leftOf(given) - seconds)).toBeLessThan(30);
  });

  it("is a time that was given, as ISO 8601, however it was given", () => {
    const at = new Date(Date.now() + 86_400_000);
    for (const expiresAt of [at, at.toISOString()])
      expect(endOf({ expiresAt }, action)).toBe(at.toISOString());
  });

  it("is never where null is said, and stays as it is where nothing is", () => {
    expect(endOf({ expiresAt: null }, action)).toBeNull();
    expect(endOf({}, action)).toBeUndefined();
  });

  it.each(["soon", "", "7", "d", "-1d", "1y", "1 d", "1e9d", "0s", "4000d", 0, -5, Number.NaN, 1e15, null])(
    "is not %j",
    (given) => {
      expect(() => endOf({ expiresIn: given as Duration }, action)).toThrow(misuse);
    },
  );

  it("is no time that is over, no rubbish, and not two at once", () => {
    for (const expiresAt of ["2020-01-01T00:00:00Z", "tomorrow", new Date(Number.NaN), new Date()])
      expect(() => endOf({ expiresAt }, action)).toThrow(misuse);
    expect(() => endOf({ expiresAt: null, expiresIn: "1d" }, action)).toThrow(misuse);
  });
});
