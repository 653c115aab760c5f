import { describe, expect, test } from "vitest";
import { merge, overlaid, restocked, without } from "./merge.ts";

interface Row {
  id: string;
  version: number;
  position: string;
  open: boolean;
}

const rules = {
  accepts: (row: Row) => row.open,
  compare: (a: Row, b: Row) => (a.position < b.position ? -1 : 1),
};
const row = (id: string, position: string, version = 1, open = true): Row => ({
  id,
  position,
  version,
  open,
});
const ids = (rows: readonly Row[]) => rows.map((one) => one.id).join("");

describe("a list and a changed row", () => {
  const rows = [row("a", "1"), row("b", "2")];

  test("it takes its place, a new one joins, one that left the view goes", () => {
    expect(ids(merge(rows, row("a", "3", 2), rules))).toBe("ba");
    expect(ids(merge(rows, row("c", "15"), rules))).toBe("acb");
    expect(ids(merge(rows, row("a", "1", 2, false), rules))).toBe("b");
    expect(merge(rows, row("x", "1", 1, false), rules)).toBe(rows);
    expect(ids(without(rows, "a"))).toBe("b");
  });

  test("an older version that arrives late changes nothing", () => {
    const newer = [row("a", "1", 5)];
    expect(merge(newer, row("a", "9", 4), rules)).toBe(newer);
  });

  test("what lies beyond the last page that was loaded waits for its page", () => {
    const edge = row("b", "2");
    expect(merge(rows, row("c", "3"), rules, edge)).toBe(rows);
    expect(ids(merge(rows, row("a", "3", 2), rules, edge))).toBe("ba");
    expect(ids(merge(rows, row("c", "15"), rules, edge))).toBe("acb");
  });
});

test("once the whole table is known, missing rows go, changed ones change, new ones join up to the edge", () => {
  const rows = [row("a", "1"), row("b", "2"), row("c", "3")];
  const all = [row("b", "2", 2, false), row("c", "1", 2), row("d", "2"), row("e", "9")];
  const map = new Map(all.map((one) => [one.id, one]));
  expect(ids(restocked(rows, map, rules, null))).toBe("cde");
  expect(ids(restocked(rows, map, rules, row("c", "3")))).toBe("cd");
});

test("changes that wait cover what the server had; a row that was moved stands where it was put", () => {
  const rows = [row("a", "1"), row("b", "2")];
  const none = new Map<string, string>();
  expect(overlaid(rows, [], none, rules)).toBe(rows);
  expect(ids(overlaid(rows, [row("c", "0")], none, rules))).toBe("cab");
  expect(ids(overlaid(rows, [row("a", "1", 1, false)], none, rules))).toBe("b");
  expect(ids(overlaid(rows, [row("a", "1")], new Map([["a", "9"]]), rules))).toBe("ba");
});
