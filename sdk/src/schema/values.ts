import * as z from "zod/mini";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Lower-cased, as Postgres writes it. */
export const uuid = z.pipe(
  z.string("a UUID").check(z.regex(UUID, "a UUID")),
  z.transform((value: string) => value.toLowerCase()),
);

export const idOnly = z.strictObject({ id: uuid });

const PLACE_RULE = '{ before: id }, { after: id }, "first" or "last"';
export const place = z.strictObject({
  place: z.union(
    [z.enum(["first", "last"]), z.strictObject({ before: uuid }), z.strictObject({ after: uuid })],
    PLACE_RULE,
  ),
});

const INSTANT_RULE = "a Date, or ISO 8601 with Z or an offset, such as 2026-11-20T18:00:00Z";
const RANGE_RULE = "a time between 1900 and 9999";
const EARLIEST = Date.parse("1900-01-01T00:00:00Z");
const LATEST = Date.parse("9999-12-31T00:00:00Z");

/** A point in time as ISO text; text stays as written, so that microseconds survive. */
export const instant = z.pipe(
  z.union([z.date(), z.string()], INSTANT_RULE),
  z.transform((value: Date | string, context) => {
    const time =
      value instanceof Date ? value.getTime() : INSTANT.test(value) ? Date.parse(value) : Number.NaN;
    const inRange = time >= EARLIEST && time <= LATEST;
    const message = Number.isNaN(time) ? INSTANT_RULE : inRange ? null : RANGE_RULE;
    if (message) context.issues.push({ code: "custom", message, input: value });
    return value instanceof Date && !message ? value.toISOString() : String(value);
  }),
);

const DAY_RULE = "a calendar day, such as 2026-11-20";

/** A calendar day that exists. */
export const day = z.string(DAY_RULE).check(
  z.regex(DAY, DAY_RULE),
  z.refine((value) => new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) ?? false, DAY_RULE),
  z.refine((value) => value >= "1900-01-01", "a day from 1900 on"),
);

export const priority = z.union(
  [z.literal(0), z.literal(1), z.literal(2), z.literal(3)],
  "0 (none), 1 (low), 2 (medium) or 3 (high)",
);

/** A fractional index, as `reorder` makes it. */
export const position = z
  .string("a position made by the SDK")
  .check(z.regex(/^[A-Za-z][0-9A-Za-z]{1,127}$/, "a position made by the SDK"));

export const timeZone = z
  .string("an IANA time zone")
  .check(z.refine(isTimeZone, "an IANA time zone, such as Europe/Lisbon"));

export const timeZoneOnly = z.strictObject({ timeZone });

export function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
