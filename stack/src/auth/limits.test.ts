import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bucket } from "./limits.ts";

describe("a bucket", () => {
  it("gives its limit at once, then one for each share of the window", () => {
    let now = 0;
    const bucket = new Bucket(3, 60, () => now);
    expect([1, 2, 3, 4].map(() => bucket.take("ada"))).toEqual([true, true, true, false]);
    expect(bucket.take("ben")).toBe(true);
    now += 19_999;
    expect(bucket.take("ada")).toBe(false);
    now += 1;
    expect([bucket.take("ada"), bucket.take("ada")]).toEqual([true, false]);
  });

  it("takes back what it gave, and holds no more than its limit for that", () => {
    const bucket = new Bucket(2, 60, () => 0);
    bucket.take("ada");
    bucket.giveBack("ada");
    bucket.giveBack("ada");
    expect([1, 2, 3].map(() => bucket.take("ada"))).toEqual([true, true, false]);
    bucket.giveBack("ada");
    expect([1, 2].map(() => bucket.take("ada"))).toEqual([true, false]);
  });

  it("of size 0 is no limit", () => {
    const bucket = new Bucket(0, 60);
    expect(Array.from({ length: 100 }, () => bucket.take("ada"))).not.toContain(false);
  });

  it("never gives more than its limit and what time has refilled", () => {
    const steps = fc.array(fc.nat({ max: 5000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (limit, waits) => {
        let now = 0;
        const bucket = new Bucket(limit, 10, () => now);
        let given = 0;
        for (const wait of waits) {
          now += wait;
          if (bucket.take("ada")) given += 1;
        }
        expect(given).toBeLessThanOrEqual(limit + (now / 10_000) * limit + 1e-6);
      }),
    );
  });

  it("forgets nobody who is still limited when it runs full", () => {
    let now = 0;
    const bucket = new Bucket(1, 3600, () => now);
    bucket.take("eve");
    for (let i = 0; i < 20_000; i++) {
      now += 1;
      bucket.take(`k${i}`);
    }
    expect(bucket.take("eve")).toBe(false);
  });
});
