import { describe, expect, it } from "vitest";
import type { Batch, Change } from "./changes.ts";
import { Progress } from "./progress.ts";

const batch = (xid: number, ...places: number[]): Batch => ({
  xid,
  committedAt: 0n,
  changes: places.map((place) => ({ place }) as Change),
  marks: [],
  end: null,
});
const placesOf = ({ changes }: Batch) => changes.map(({ place }) => place);

describe("Progress", () => {
  it("lets a transaction that comes again go on behind what was told", () => {
    const progress = new Progress();
    expect(placesOf(progress.rest(batch(7, 1, 2, 3)))).toEqual([1, 2, 3]);
    progress.reach(batch(7), 2);
    expect(placesOf(progress.rest(batch(7, 1, 2, 3)))).toEqual([3]);
    expect(placesOf(progress.rest(batch(7, 4, 5)))).toEqual([4, 5]);
  });

  it("keeps nothing of another transaction back", () => {
    const progress = new Progress();
    progress.reach(batch(7), 2);
    expect(placesOf(progress.rest(batch(8, 1, 2, 3)))).toEqual([1, 2, 3]);
  });
});
