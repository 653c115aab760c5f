import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutParts, PART } from "./parts.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const END = "what the pieces come to";

/** Bytes that differ from place to place. */
const contentOf = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >> 8) + (at >> 16)) & 255;
  return bytes;
};
const whole = contentOf(2 * PART + 100_000);

async function* cut(bytes: Uint8Array, steps: readonly number[]): AsyncGenerator<Uint8Array, string> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const step = steps[turn % steps.length] ?? 1;
    yield bytes.subarray(at, at + step);
    at += step;
  }
  return END;
}

/** The parts as somebody who keeps them would have them; their bytes are good until the next one alone. */
async function partsOf(pieces: AsyncGenerator<Uint8Array, string>, total: number) {
  const parts = cutParts(pieces, total);
  const all: { number: number; start: number; bytes: Buffer }[] = [];
  for (let step = await parts.next(); ; step = await parts.next()) {
    if (step.done) return { all, end: step.value };
    // The part stays as it is while the next one fills.
    await new Promise((resolve) => setImmediate(resolve));
    all.push({ ...step.value, bytes: Buffer.from(step.value.bytes) });
  }
}

describe("parts", () => {
  it(`are the same however what comes is cut into pieces (SEED=${seed})`, async () => {
    const steps = fc.array(fc.integer({ min: 1, max: 3 * PART }), { minLength: 1, maxLength: 5 });
    const large = steps.filter((all) => all.some((step) => step > 100_000));
    const property = fc.asyncProperty(large, fc.nat(whole.length), async (pieces, size) => {
      const content = whole.subarray(0, size);
      const { all, end } = await partsOf(cut(content, pieces), size);
      expect(end).toBe(END);
      expect(all.map(({ number }) => number)).toEqual(all.map((_, at) => at));
      expect(all.map(({ start }) => start)).toEqual(all.map((_, at) => at * PART));
      for (const { bytes } of all.slice(0, -1)) expect(bytes.length).toBe(PART);
      expect(Buffer.concat(all.map(({ bytes }) => bytes)).equals(content)).toBe(true);
    });
    await fc.assert(property, { seed, numRuns: 12 });
  });

  it.each([
    [0, [0]],
    [1, [1]],
    [PART - 1, [PART - 1]],
    [PART, [PART]],
    [PART + 1, [PART, 1]],
    [2 * PART, [PART, PART]],
  ])("of %d bytes are %j long", async (size, lengths) => {
    const { all } = await partsOf(cut(whole.subarray(0, size), [1_000_000]), size);
    expect(all.map(({ bytes }) => bytes.length)).toEqual(lengths);
  });

  it("of a source that gives more than it said are refused, and no byte of that is given", async () => {
    for (const total of [0, 10, PART, PART + 10]) {
      const given: number[] = [];
      const reading = (async () => {
        for await (const { bytes } of cutParts(cut(whole.subarray(0, total + 1), [1_000_000]), total))
          given.push(bytes.length);
      })();
      await expect(reading).rejects.toMatchObject({ code: "FILE_CHANGED" });
      expect(given.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(total);
    }
  });

  it("let go of the source when nobody takes the next one, and when the source fails", async () => {
    let closed = 0;
    async function* pieces(): AsyncGenerator<Uint8Array, string> {
      try {
        for (;;) yield new Uint8Array(PART);
      } finally {
        closed += 1;
      }
    }
    const parts = cutParts(pieces(), 10 * PART);
    await parts.next();
    await parts.return("");
    await expect.poll(() => closed).toBe(1);
    const broken = cutParts(
      (async function* (): AsyncGenerator<Uint8Array, string> {
        yield new Uint8Array(10);
        throw new Error("the disk is gone");
      })(),
      100,
    );
    await expect(broken.next()).rejects.toThrow("the disk is gone");
  });
});
