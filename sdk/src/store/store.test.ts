import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { memoryKeystore } from "./keys/memory.ts";
import { storeOn } from "./keys/store.ts";
import { leaseLock } from "./lock.ts";
import { memoryDatabase } from "./memory-store.ts";
import { makeSealKey, sealedStore } from "./sealed.ts";
import type { Store, StoreChange } from "./types.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const PLACES = ["a", "a/1", "a/2", "b", "#count", "a\uffff", ""];
const key = fc.constantFrom(...PLACES);
const change: fc.Arbitrary<StoreChange> = fc.record({ key, value: fc.option(fc.string({ unit: "binary" })) });
const guard = fc.option(
  fc.record({ key: fc.constant("#count"), value: fc.option(fc.constantFrom("1", "2")) }),
);
const step = fc.record({ changes: fc.array(change, { maxLength: 4 }), guard });

const kinds: [string, () => Promise<Store>][] = [
  ["in memory", async () => memoryDatabase()],
  ["on a keystore", async () => storeOn(memoryKeystore("ada"), "outbox/")],
  ["sealed", async () => sealedStore(memoryDatabase(), await makeSealKey(), "ada")],
];

describe.each(kinds)("a store %s", (_name, open) => {
  it("does what a Map does, batch by batch", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const store = await open();
        const model = new Map<string, string>();
        for (const { changes, guard: wanted } of steps) {
          const passes = !wanted || (model.get(wanted.key) ?? null) === wanted.value;
          expect(await store.batch(changes, wanted ?? undefined)).toBe(passes);
          if (passes)
            for (const { key: at, value } of changes)
              value === null ? model.delete(at) : model.set(at, value);
          for (const at of PLACES) {
            expect(await store.get(at)).toBe(model.get(at) ?? null);
            const below = [...model]
              .filter(([one]) => one.startsWith(at))
              .sort(([a], [b]) => (a < b ? -1 : 1));
            expect(await store.list(at)).toEqual(below);
          }
        }
        await store.wipe();
        expect(await store.list("")).toEqual([]);
      }),
      { seed, numRuns: 60 },
    );
  });
});

describe("a sealed store", () => {
  async function ada(): Promise<{ inner: Store; store: Store; key: CryptoKey }> {
    const [inner, made] = [memoryDatabase(), await makeSealKey()];
    return { inner, store: sealedStore(inner, made, "ada"), key: made };
  }

  it("shows nothing of a value, and seals the same value differently each time", async () => {
    const { inner, store } = await ada();
    await store.batch([
      { key: "one", value: "marathon" },
      { key: "two", value: "marathon" },
    ]);
    const [one, two] = [await inner.get("one"), await inner.get("two")];
    expect(one).not.toBe(two);
    expect(`${one}${two}${atob(one ?? "")}`).not.toMatch(/marathon|bWFyYXRob24/);
  });

  it("opens nothing that was changed, moved to another place, or is another user's", async () => {
    const { inner, store, key: made } = await ada();
    await store.batch([{ key: "one", value: "marathon" }]);
    const sealed = (await inner.get("one")) ?? "";
    const refusal = { code: "CRYPTO_UNREADABLE" };
    await inner.batch([{ key: "two", value: sealed }]);
    await expect(store.get("two")).rejects.toMatchObject(refusal);
    await expect(sealedStore(inner, made, "eve").get("one")).rejects.toMatchObject(refusal);
    await expect(sealedStore(inner, await makeSealKey(), "ada").get("one")).rejects.toMatchObject(refusal);
    const last = sealed.at(-3) === "A" ? "B" : "A";
    for (const text of [`${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`, sealed.slice(0, 12), "%", ""]) {
      await inner.batch([{ key: "one", value: text }]);
      await expect(store.get("one")).rejects.toMatchObject(refusal);
    }
  });

  it("has a key that no script can take out", async () => {
    const { key: made } = await ada();
    await expect(crypto.subtle.exportKey("raw", made)).rejects.toThrow();
  });

  it("says where a page without cryptography goes from here", async () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    try {
      await expect(makeSealKey()).rejects.toMatchObject({
        code: "CRYPTO_INSECURE_CONTEXT",
        hint: expect.stringContaining("https"),
      });
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("a lease", () => {
  it("lets one do the work at a time, also among two that start at once", async () => {
    const store = memoryDatabase();
    const locks = [leaseLock(store, Date.now), leaseLock(store, Date.now)];
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await store.get("x");
      inside -= 1;
    };
    const done = await Promise.all([...locks, ...locks].map((lock) => lock.attempt(work)));
    expect(most).toBe(1);
    expect(done).toContain(true);
    expect(await locks[1]?.attempt(work)).toBe(true);
  });

  it("of a tab that went away runs out", async () => {
    const store = memoryDatabase();
    let now = 1_000_000;
    await store.batch([{ key: "#lease", value: `gone ${now + 60_000}` }]);
    const lock = leaseLock(store, () => now);
    expect(await lock.attempt(async () => {})).toBe(false);
    now += 60_001;
    expect(await lock.attempt(async () => {})).toBe(true);
  });
});
