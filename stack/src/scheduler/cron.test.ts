import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCron } from "./cron.ts";

const at = (text: string) => Date.parse(text);
const last = (cron: string, now: string) => {
  const found = parseCron(cron).last(at(now));
  return found === null ? null : new Date(found).toISOString();
};

describe("the latest moment of a schedule", () => {
  it.each([
    ["* * * * *", "2026-11-20T06:40:31Z", "2026-11-20T06:40:00.000Z"],
    ["17 3 * * *", "2026-11-20T03:16:59Z", "2026-11-19T03:17:00.000Z"],
    ["17 3 * * *", "2026-11-20T03:17:00Z", "2026-11-20T03:17:00.000Z"],
    ["*/15 8-9 * * *", "2026-11-20T12:00:00Z", "2026-11-20T09:45:00.000Z"],
    ["5-59/20 * * * *", "2026-11-20T12:44:00Z", "2026-11-20T12:25:00.000Z"],
    ["0 0 29 2 *", "2026-11-20T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["0 12 * * 7", "2026-11-20T00:00:00Z", "2026-11-15T12:00:00.000Z"],
    // Either is enough where both are given: the 1st, or a Monday.
    ["0 0 1 * 1", "2026-11-20T00:00:00Z", "2026-11-16T00:00:00.000Z"],
    ["10 seconds", "2026-11-20T06:40:39.999Z", "2026-11-20T06:40:30.000Z"],
  ])("%s before %s is %s", (cron, now, wanted) => expect(last(cron, now)).toBe(wanted));

  it("of the 30th of February is none", () => expect(last("0 0 30 2 *", "2026-11-20T00:00:00Z")).toBe(null));

  it.each([
    "",
    "* * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
    "5-1 * * * *",
    "*/0 * * * *",
    "5/20 * * * *",
    "a * * * *",
    "1,,2 * * * *",
    "0 seconds",
    "60 seconds",
    "* * * * * *",
  ])("of %j is refused", (cron) => expect(() => parseCron(cron)).toThrow(/cannot read the schedule/));
});

/** A field as it is written and the numbers that it means, found another way. */
const field = (least: number, most: number) => {
  const number = fc.integer({ min: least, max: most });
  const range = fc.tuple(number, number, fc.integer({ min: 1, max: 9 })).map(([a, b, step]) => {
    const [from, to] = a < b ? [a, b] : [b, a];
    return {
      text: `${from}-${to}/${step}`,
      has: (n: number) => n >= from && n <= to && (n - from) % step === 0,
    };
  });
  const single = number.map((one) => ({ text: `${one}`, has: (n: number) => n === one }));
  const every = fc.constant({ text: "*", has: () => true });
  const list = fc.array(fc.oneof(range, single), { minLength: 1, maxLength: 3 }).map((items) => ({
    text: items.map(({ text }) => text).join(","),
    has: (n: number) => items.some(({ has }) => has(n)),
  }));
  return fc.oneof(every, list);
};

it("is due itself, and nothing between it and now is", () => {
  const now = fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
  const all = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6), now);
  fc.assert(
    fc.property(all, ([minute, hour, date, month, weekday, moment]) => {
      const isDue = (time: number) => {
        const t = new Date(time);
        const [byDay, byWeekday] = [date.has(t.getUTCDate()), weekday.has(t.getUTCDay())];
        const either = date.text !== "*" && weekday.text !== "*";
        const onDay = either ? byDay || byWeekday : byDay && byWeekday;
        return (
          minute.has(t.getUTCMinutes()) &&
          hour.has(t.getUTCHours()) &&
          month.has(t.getUTCMonth() + 1) &&
          onDay
        );
      };
      const cron = [minute, hour, date, month, weekday].map(({ text }) => text).join(" ");
      const found = parseCron(cron).last(moment.getTime());
      // Stepping minute by minute is slow: two days behind now are enough to find a moment that was left out.
      const floor = Math.floor(moment.getTime() / 60_000) * 60_000;
      const first = Math.max(found ?? 0, floor - 2 * 86_400_000);
      if (found !== null) {
        expect(isDue(found)).toBe(true);
        expect(found % 60_000).toBe(0);
      }
      for (let time = floor; time > first; time -= 60_000) expect(isDue(time)).toBe(false);
    }),
    { numRuns: 60 },
  );
});
