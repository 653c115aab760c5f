import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayAt, startOfDay } from "./day.ts";
import { dueWindow } from "./window.ts";

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const today = (now: string, zone: string) => dueWindow("today", at(now), zone);

describe("today", () => {
  it("is the calendar day of the zone, not of the machine", () => {
    expect(today("2026-11-20T23:30:00Z", "UTC")).toEqual({
      from: "2026-11-20T00:00:00.000Z",
      to: "2026-11-21T00:00:00.000Z",
    });
    expect(today("2026-11-20T23:30:00Z", "Asia/Tokyo")).toEqual({
      from: "2026-11-20T15:00:00.000Z",
      to: "2026-11-21T15:00:00.000Z",
    });
    expect(today("2026-11-20T01:00:00Z", "Asia/Kolkata").from).toBe("2026-11-19T18:30:00.000Z");
    expect(today("2026-11-20T01:00:00Z", "Pacific/Niue").from).toBe("2026-11-19T11:00:00.000Z");
    expect(today("2026-11-20T11:00:00Z", "Pacific/Kiritimati").from).toBe("2026-11-20T10:00:00.000Z");
  });

  it("has 23 and 25 hours when clocks change", () => {
    const length = (now: string, zone: string): number => {
      const { from = "", to = "" } = today(now, zone);
      return (at(to) - at(from)) / HOUR;
    };
    expect(length("2026-03-29T12:00:00Z", "Europe/Lisbon")).toBe(23);
    expect(length("2026-10-25T12:00:00Z", "Europe/Lisbon")).toBe(25);
    expect(length("2026-03-08T18:00:00Z", "America/New_York")).toBe(23);
    expect(length("2026-10-04T12:00:00Z", "Australia/Lord_Howe")).toBe(23.5 + 0);
  });

  it("begins at one o'clock where midnight is skipped, and skips the day that Samoa skipped", () => {
    expect(today("2018-11-04T12:00:00Z", "America/Sao_Paulo").from).toBe("2018-11-04T03:00:00.000Z");
    expect(today("2024-04-26T12:00:00Z", "Africa/Cairo").from).toBe("2024-04-25T22:00:00.000Z");
    const skipped = dayAt(at("2011-12-30T12:00:00Z"), "UTC");
    expect(startOfDay(skipped, "Pacific/Apia")).toBe(startOfDay(skipped + 1, "Pacific/Apia"));
  });

  it("always holds the present moment, and the days on both sides do not", () => {
    const zones = Intl.supportedValuesOf("timeZone");
    const time = fc.integer({ min: at("1971-01-01T00:00:00Z"), max: at("2037-01-01T00:00:00Z") });
    fc.assert(
      fc.property(time, fc.constantFrom(...zones), (now, zone) => {
        const { from = "", to = "" } = dueWindow("today", now, zone);
        expect(at(from)).toBeLessThanOrEqual(now);
        expect(at(to)).toBeGreaterThan(now);
        expect(dayAt(at(from), zone)).toBe(dayAt(now, zone));
        expect(dayAt(at(from) - 1, zone)).toBeLessThan(dayAt(now, zone));
      }),
    );
  });
});

describe("the other windows", () => {
  const now = "2026-11-20T15:00:00Z";

  it("overdue ends now, soon begins now and ends with the seventh day from today", () => {
    expect(dueWindow("overdue", at(now), "UTC")).toEqual({
      to: "2026-11-20T15:00:00.000Z",
      unfinished: true,
    });
    expect(dueWindow("soon", at(now), "Europe/Lisbon")).toEqual({
      from: "2026-11-20T15:00:00.000Z",
      to: "2026-11-28T00:00:00.000Z",
      unfinished: true,
    });
  });

  it("a window of one's own is taken as it is", () => {
    expect(dueWindow("none", at(now), "UTC")).toEqual({ none: true });
    expect(dueWindow({ from: "2026-01-01T00:00:00Z" }, at(now), "UTC")).toEqual({
      from: "2026-01-01T00:00:00Z",
    });
    expect(dueWindow({ to: new Date(at(now)) }, at(now), "UTC")).toEqual({ to: "2026-11-20T15:00:00.000Z" });
  });
});
