import { describe, expect, it } from "vitest";
import { suite } from "../testing/cast.ts";
import { addRow, forgetRows, isOnTranscript, startTranscript, type Transcript } from "./index.ts";

const room = suite.random(16);
const rows = Array.from({ length: 5 }, () => suite.random(32));
const after = async (start: Transcript, hashes: readonly Uint8Array[]) => {
  let one = start;
  for (const hash of hashes) one = await addRow(suite, one, hash);
  return one;
};

describe("a transcript", () => {
  it("holds every place it went through, and no other", async () => {
    const one = await after(await startTranscript(suite, room), rows);
    const shorter = await after(await startTranscript(suite, room), rows.slice(0, 3));
    expect(one.place.seq).toBe(5);
    expect(isOnTranscript(one, shorter.place)).toBe(true);
    expect(isOnTranscript(shorter, one.place)).toBe(false);
    expect(isOnTranscript(one, { seq: 3, hash: one.place.hash })).toBe(false);
    expect(isOnTranscript(one, { seq: -1, hash: room })).toBe(false);
  });

  it("differs for another room, another order and another row", async () => {
    const one = await after(await startTranscript(suite, room), rows);
    const [first, second, ...rest] = rows as [Uint8Array, Uint8Array, ...Uint8Array[]];
    for (const other of [
      await after(await startTranscript(suite, suite.random(16)), rows),
      await after(await startTranscript(suite, room), [second, first, ...rest]),
      await after(await startTranscript(suite, room), [first, suite.random(32), ...rest]),
    ]) {
      expect(isOnTranscript(one, other.place)).toBe(false);
    }
  });

  it("two ways on from one value do not disturb each other", async () => {
    const start = await after(await startTranscript(suite, room), rows);
    const [left, right] = await Promise.all([
      after(start, [rows[0] as Uint8Array, rows[1] as Uint8Array]),
      after(start, [rows[2] as Uint8Array, rows[3] as Uint8Array]),
    ]);
    expect(left.place.hash).not.toEqual(right.place.hash);
    for (const one of [left, right]) expect(isOnTranscript(one, one.place)).toBe(true);
    expect(isOnTranscript(left, right.place)).toBe(false);
    expect(isOnTranscript(right, start.place)).toBe(true);
    expect(isOnTranscript(start, left.place)).toBe(false);
  });

  it("what was forgotten is on it no more", async () => {
    const start = await after(await startTranscript(suite, room), rows.slice(0, 2));
    const one = await after(start, rows.slice(2));
    const later = forgetRows(one, 3);
    expect(isOnTranscript(later, start.place)).toBe(false);
    expect(isOnTranscript(later, one.place)).toBe(true);
    expect(isOnTranscript(await addRow(suite, later, room), one.place)).toBe(true);
    expect(forgetRows(one, 99).history).toHaveLength(1);
  });

  it("begins in the middle at a place that is known", async () => {
    const start = await after(await startTranscript(suite, room), rows.slice(0, 2));
    const whole = await after(start, rows.slice(2));
    const one = await after(await startTranscript(suite, room, start.place), rows.slice(2));
    expect(one.place).toEqual(whole.place);
    expect(isOnTranscript(one, start.place)).toBe(true);
    expect(isOnTranscript(one, { seq: 1, hash: room })).toBe(false);
  });
});
