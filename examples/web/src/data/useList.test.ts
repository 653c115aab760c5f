import { expect, test } from "vitest";
import { merge } from "./useList.ts";

interface Row {
  id: string;
  version: number;
  place: number;
  open: boolean;
}

const rules = { accepts: (row: Row) => row.open, compare: (a: Row, b: Row) => a.place - b.place };
const row = (id: string, place: number, version = 1, open = true): Row => ({ id, place, version, open });
const ids = (rows: Row[]) => rows.map((one) => one.id).join("");

test("a changed row takes its place, a new one joins, one that left the view goes", () => {
  const rows = [row("a", 1), row("b", 2)];
  expect(ids(merge(rows, row("a", 3, 2), rules))).toBe("ba");
  expect(ids(merge(rows, row("c", 1.5), rules))).toBe("acb");
  expect(ids(merge(rows, row("a", 1, 2, false), rules))).toBe("b");
  expect(merge(rows, row("x", 1, 1, false), rules)).toBe(rows);
});

test("an older version that arrives late changes nothing", () => {
  const rows = [row("a", 1, 5)];
  expect(merge(rows, row("a", 9, 4), rules)).toBe(rows);
});
