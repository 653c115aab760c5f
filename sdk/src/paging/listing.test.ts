import { describe, expect, it } from "vitest";
import { listing } from "./listing.ts";

/** A list of the numbers below `count`; `asked` notes the size of each page that was read. */
function numbers(count: number, asked: number[] = []) {
  return listing<number>(
    async (after, limit) => {
      asked.push(limit);
      const from = Number(after ?? 0);
      const to = Math.min(from + limit, count);
      const rows = Array.from({ length: to - from }, (_, index) => from + index);
      return { rows, next: to < count ? String(to) : null };
    },
    {},
    "goals.list",
  );
}

describe("toArray()", () => {
  it("cuts nothing that it was not told to cut", async () => {
    const rows = await numbers(2_345).toArray();
    expect(rows).toHaveLength(2_345);
    expect(rows.at(-1)).toBe(2_344);
  });

  it("reads no more than `max` asks for", async () => {
    const asked: number[] = [];
    expect(await numbers(2_345, asked).toArray({ max: 3 })).toEqual([0, 1, 2]);
    expect(asked).toEqual([3]);
    expect(await numbers(2_345).toArray({ max: 250 })).toHaveLength(250);
    expect(await numbers(2_345).toArray({ max: 0 })).toEqual([]);
  });

  it.each([-1, 1.5, Number.NaN])("refuses max %d (USAGE_INVALID)", async (max) => {
    await expect(numbers(9).toArray({ max })).rejects.toMatchObject({ code: "USAGE_INVALID", field: "max" });
  });
});
