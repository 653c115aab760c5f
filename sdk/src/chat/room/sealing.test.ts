import { describe, expect, it } from "vitest";
import type { Draft } from "./drafts.ts";
import { inOrder } from "./sealing.ts";

/** One that was written with that id, and signed under that number. */
function draft(id: string, number: number | null): Draft {
  // As a part of something larger: bytes from the keystore may be.
  const bytes = new Uint8Array(400).subarray(7);
  if (number !== null) new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(75, BigInt(number));
  return {
    ...{ id, audience: [], at: 0, status: "pending", error: null, released: false },
    payload: { kind: "text", reply: new Uint8Array(32), text: id },
    sealed: number === null ? null : { bytes, epoch: 1 },
  };
}

describe("what several tabs have to say", () => {
  it("goes out by the numbers that were signed, whichever tab wrote what first", () => {
    const all = [draft("b", 12), draft("a", 300), draft("c", 11)];
    expect(inOrder(all).map(({ id }) => id)).toEqual(["c", "b", "a"]);
    expect(all.map(({ id }) => id)).toEqual(["b", "a", "c"]);
  });

  it("and after them, as it was written, what nobody has signed", () => {
    const all = [draft("c", null), draft("z", 2), draft("a", null)];
    expect(inOrder(all).map(({ id }) => id)).toEqual(["z", "a", "c"]);
  });
});
