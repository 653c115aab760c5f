import { describe, expect, it } from "vitest";
import { appended, numbered } from "../position/append.ts";
import { between, isPosition } from "../position/fractional.ts";
import { isUuid, uuid7 } from "./uuid7.ts";

describe("uuid7()", () => {
  it("makes ids of version 7 that sort as they were made, also 10,000 in one millisecond", () => {
    const ids = Array.from({ length: 10_000 }, () => uuid7(1_800_000_000_000));
    expect(ids.every((id) => isUuid(id) && /^.{14}7.{4}[89ab]/.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("never goes back, even when the clock does", () => {
    const later = uuid7(Date.now() + 60_000);
    expect(uuid7() > later).toBe(true);
  });
});

describe("positions made from ids", () => {
  it("sort as the ids do, follow from the id alone, and leave room between", () => {
    const ids = Array.from({ length: 1000 }, () => uuid7());
    const positions = ids.map(appended);
    expect([...positions].sort()).toEqual(positions);
    expect(positions.every(isPosition)).toBe(true);
    expect(ids.map(appended)).toEqual(positions);
    const [first = "", second = ""] = positions;
    const middle = between(first, second);
    expect(first < middle && middle < second).toBe(true);
  });

  it("of a list made at once come before everything that is appended", () => {
    const list = Array.from({ length: 500 }, (_, index) => numbered(index));
    expect([...list].sort()).toEqual(list);
    expect(list.every(isPosition)).toBe(true);
    expect((list.at(-1) ?? "") < appended(uuid7())).toBe(true);
  });
});
