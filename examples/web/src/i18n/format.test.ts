import { describe, expect, test } from "vitest";
import { type Dictionary, en } from "./en.ts";
import { createFormat, daysBetween } from "./format.ts";
import { plural } from "./plural.ts";
import { pt } from "./pt.ts";

const now = new Date(2026, 10, 20, 12);
const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

describe("due days in words", () => {
  const english = createFormat("en-GB", en);
  const portuguese = createFormat("pt-PT", pt);

  test("near days by name, others by date, the hour only where one was set", () => {
    expect(english.due(at(2026, 10, 20, 23, 59), now)).toBe("today");
    expect(english.due(at(2026, 10, 21, 9, 5), now)).toBe("tomorrow, 09:05");
    expect(english.due(at(2026, 10, 19, 23, 59), now)).toBe("yesterday");
    expect(english.due(at(2026, 11, 24, 23, 59), now)).toBe("24 Dec");
    expect(english.due(at(2027, 0, 2, 23, 59), now)).toBe("2 Jan 2027");
    expect(portuguese.due(at(2026, 10, 21, 23, 59), now)).toBe("amanhã");
  });

  test("a day has the length that the calendar gives it, clock changes included", () => {
    expect(daysBetween(new Date(2026, 9, 24, 23), new Date(2026, 9, 26, 0, 30))).toBe(2);
  });
});

test("numbers choose their form by the language's own rules", () => {
  const refused = ({ profile }: Dictionary) => [0, 1, 2].map(profile.importFailed);
  expect(refused(en)).toEqual(["0 rows were refused:", "1 row was refused:", "2 rows were refused:"]);
  expect(refused(pt)).toEqual([
    "0 linha foi recusada:",
    "1 linha foi recusada:",
    "2 linhas foram recusadas:",
  ]);
  expect(plural("en", 1234, { one: "#", other: "# rows" })).toBe("1,234 rows");
});

test("both dictionaries have the same entries, none of them empty", () => {
  const entries = (dictionary: Dictionary) => paths(dictionary).sort();
  expect(entries(pt)).toEqual(entries(en));
});

function paths(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([name, entry]) => {
    if (typeof entry === "object" && entry !== null) return paths(entry, `${prefix}${name}.`);
    if (entry === "") throw new Error(`${prefix}${name} is empty: want words`);
    return [`${prefix}${name}`];
  });
}
