import { describe, expect, it } from "vitest";
import { toHex } from "../../crypto/bytes/index.ts";
import type { Payload, Received } from "../../crypto/message/index.ts";
import type { Folded } from "./fold.ts";
import { decodeGraph, encodeGraph } from "./graph.ts";
import { type KeptThread, Thread } from "./thread.ts";

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const [ada, phone, laptop] = [bytes(16, 1), bytes(16, 2), bytes(16, 3)];
const hashOf = (place: number) => bytes(32, 100 + place);

/** A valid row of ada's. */
function row(place: number, device: Uint8Array<ArrayBuffer>, payload: Payload): Folded {
  const isContent = "text" in payload;
  const header = { id: bytes(16, place), device, class: isContent ? "content" : "control", time: place };
  const message = { header, hash: hashOf(place), user: ada, place, gap: 0, body: bytes(1, 0), alarm: false };
  return {
    row: { kind: "message", place, bytes: bytes(1, 0), columns: { class: header.class } },
    from: { seq: place, kind: "message", bytes: "", by: "", at: new Date(place).toISOString() },
    effect: { verdict: "valid", message: message as unknown as Received, payload },
  } as unknown as Folded;
}

const says = (place: number, device = phone) =>
  row(place, device, { kind: "text", reply: bytes(32, 0), text: `row ${place}` });
const reacts = (place: number, target: number, device = phone) =>
  row(place, device, { kind: "reaction", target: hashOf(target), on: true, emoji: `${place}` });

const thread = () => new Thread("01890000-0000-7000-8000-000000000000", ada, () => "ada");
const at = (seq: number) => ({ seq, hash: bytes(32, seq) });
const shown = (one: Thread) =>
  one.entries.map((entry) => {
    const { seq, text, status, reactions } = one.show(entry);
    return [seq, text || status, reactions.map(({ emoji }) => emoji).join()];
  });

/** As the next session has it. */
function again(one: Thread, from: number): Thread {
  const next = thread();
  next.restore(decodeGraph(encodeGraph(one.kept(at(from)))) as KeptThread);
  return next;
}

describe("a thread", () => {
  it("shows the same after a restart, and once what was before is read back", () => {
    const rows = [says(1), says(2), reacts(3, 1), says(4), reacts(5, 2), reacts(6, 1)];
    const whole = thread();
    for (const one of rows) whole.take(one);
    const later = again(whole, 3);
    expect(shown(later)).toEqual([[4, "row 4", ""]]);
    expect(later.from.seq).toBe(3);
    later.older(at(1), rows.slice(1, 3));
    expect(shown(later)).toEqual([
      [2, "row 2", "5"],
      [4, "row 4", ""],
    ]);
    later.older(at(0), rows.slice(0, 1));
    expect(shown(later)).toEqual(shown(whole));
    expect(shown(again(later, 0))).toEqual(shown(whole));
  });

  it("forgets nothing that was done late to what it does not show, and does nothing twice", () => {
    const early = thread();
    for (const one of [reacts(1, 2), says(2), reacts(3, 2)]) early.take(one);
    const later = again(early, 1);
    later.older(at(0), [reacts(1, 2)]);
    expect(shown(later)).toEqual([[2, "row 2", "1,3"]]);
    expect(later.find(later.entries[0]?.id ?? "")?.hash).toBe(toHex(hashOf(2)));
  });

  it("counts nothing that a dropped device did after its end, whenever it is read", () => {
    const rows = [says(1, laptop), reacts(2, 1, laptop), says(3, laptop), reacts(4, 1, laptop), says(5)];
    const whole = thread();
    for (const one of rows) whole.take(one);
    whole.drop({ devices: [laptop], cut: 2 }, 6);
    const wanted = [
      [1, "row 1", "2"],
      [3, "unreadable", ""],
      [5, "row 5", ""],
    ];
    expect(shown(whole)).toEqual(wanted);
    const later = again(whole, 4);
    expect(shown(later)).toEqual(wanted.slice(2));
    later.older(at(0), rows.slice(0, 4));
    expect(shown(later)).toEqual(wanted);
  });
});
