import { describe, expect, it } from "vitest";
import { parseRange } from "./range.ts";

describe("parseRange()", () => {
  it.each([
    ["bytes=0-0", 10, { first: 0, last: 0 }],
    ["bytes=2-", 10, { first: 2, last: 9 }],
    ["bytes=-3", 10, { first: 7, last: 9 }],
    ["bytes=-30", 10, { first: 0, last: 9 }],
    ["bytes=5-1000", 10, { first: 5, last: 9 }],
    ["BYTES= 5-6 ", 10, { first: 5, last: 6 }],
    ["bytes=10-", 10, "unsatisfiable"],
    ["bytes=0-", 0, "unsatisfiable"],
    ["bytes=-0", 10, "unsatisfiable"],
    ["bytes=-5", 0, "unsatisfiable"],
    [undefined, 10, null],
    ["bytes=5-2", 10, null],
    ["bytes=1-2,4-5", 10, null],
    ["bytes=99999999999999999999-", 10, null],
    ["bytes=--1", 10, null],
  ])("%j of %i bytes", (header, size, span) => {
    expect(parseRange(header, size)).toEqual(span);
  });
});
