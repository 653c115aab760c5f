import { describe, expect, it } from "vitest";
import { Rate } from "./rate.ts";

describe("Rate", () => {
  it("counts what lies in its window, and forgets the rest", () => {
    let now = 0;
    const rate = new Rate(3, () => now);
    rate.add(5);
    now = 1000;
    rate.add(1);
    expect([rate.sum, rate.average]).toEqual([6, 2]);
    now = 3000;
    expect(rate.sum).toBe(1);
    now = 60_000;
    expect(rate.sum).toBe(0);
  });
});
