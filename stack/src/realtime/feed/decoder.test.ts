import { describe, expect, it } from "vitest";
import type { Batch } from "./changes.ts";
import { Decoder, markPrefix } from "./decoder.ts";

/**
 * What Postgres 17 sent for a table r (id int primary key, t text, n numeric): in one transaction two rows are
 * inserted, one changes its text, the other its key, and one is deleted; then the table's replica identity is full,
 * what is left changes in a second transaction.
 */
const recorded = [
  "4200000000016b1238000303af1a991fde000002ee",
  "52000043467075626c69630072006400030169640000000017ffffffff00740000000019ffffffff006e00000006a4ffffffff",
  "49000043464e00037400000001317400000002c3a96e",
  "49000043464e000374000000013274000000037878787400000004312e3530",
  "55000043464e00037400000001317400000001796e",
  "55000043464b00037400000001326e6e4e000374000000013374000000037878787400000004312e3530",
  "44000043464b00037400000001316e6e",
  "430000000000016b123800000000016b1268000303af1a991fde",
  "4200000000016b1470000303af1a992109000002ef",
  "52000043467075626c69630072006600030169640000000017ffffffff01740000000019ffffffff016e00000006a4ffffffff",
  "55000043464f000374000000013374000000037878787400000004312e35304e000374000000013374000000017a7400000004312e3530",
  "44000043464f000374000000013374000000017a7400000004312e3530",
  "430000000000016b147000000000016b14d8000303af1a992109",
];

function readAll(decoder: Decoder): Batch[] {
  return recorded.map((hex) => decoder.read(Buffer.from(hex, "hex"))).filter((batch) => batch !== null);
}

const told = ({ changes }: Batch) => changes.map(({ kind, row, old }) => [kind, old, row]);

describe("Decoder", () => {
  it("reads the changes of recorded transactions", () => {
    const batches = readAll(new Decoder());
    expect(batches.flatMap(told)).toEqual([
      ["INSERT", null, ["1", "é", null]],
      ["INSERT", null, ["2", "xxx", "1.50"]],
      ["UPDATE", null, ["1", "y", null]],
      ["UPDATE", ["2", undefined, undefined], ["3", "xxx", "1.50"]],
      ["DELETE", ["1", undefined, undefined], null],
      ["UPDATE", ["3", "xxx", "1.50"], ["3", "z", "1.50"]],
      ["DELETE", ["3", "z", "1.50"], null],
    ]);
    const [first] = batches;
    expect([first?.xid, first?.end]).toEqual([0x2ee, 0x16b1268n]);
    expect(new Date(Number((first?.committedAt ?? 0n) / 1000n)).getUTCFullYear()).toBe(2026);
    expect(first?.changes[0]?.relation).toMatchObject({
      schema: "public",
      table: "r",
      columns: [
        { name: "id", isKey: true },
        { name: "t", isKey: false },
        { name: "n", isKey: false },
      ],
    });
  });

  it("passes over tables that nobody wants, and ends their transactions all the same", () => {
    const batches = readAll(new Decoder(() => false));
    expect(batches.map(({ changes, end }) => [changes.length, end !== null])).toEqual(
      batches.map(() => [0, true]),
    );
    expect(batches.length).toBeGreaterThan(1);
  });

  it("hands on a large transaction in batches", () => {
    const decoder = new Decoder();
    const [begin = "", relation = "", insert = ""] = recorded;
    for (const hex of [begin, relation]) decoder.read(Buffer.from(hex, "hex"));
    const batches: Batch[] = [];
    for (let at = 0; at < 1200; at++) {
      const batch = decoder.read(Buffer.from(insert, "hex"));
      if (batch) batches.push(batch);
    }
    expect(batches.map(({ changes, xid, end }) => [changes.length, xid, end])).toEqual([
      [500, 0x2ee, null],
      [500, 0x2ee, null],
    ]);
  });

  it("finds its own marks in a transaction, and passes over other messages", () => {
    const message = (prefix: string, text: string) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(text.length);
      return Buffer.concat([Buffer.from(`M\u0001${"\0".repeat(8)}${prefix}\0`), length, Buffer.from(text)]);
    };
    const decoder = new Decoder();
    decoder.read(Buffer.from(recorded[0] ?? "", "hex"));
    for (const prefix of ["other", markPrefix]) decoder.read(message(prefix, `of ${prefix}`));
    const batch = decoder.read(Buffer.from(recorded[7] ?? "", "hex"));
    expect(batch?.marks).toEqual([`of ${markPrefix}`]);
  });

  it.each(["49000043464e", "52000043467075", "490000ffff4e0000", "55000043465800"])(
    "refuses a message that is cut or unknown (%s)",
    (hex) => {
      const decoder = new Decoder();
      for (const one of recorded.slice(0, 2)) decoder.read(Buffer.from(one, "hex"));
      expect(() => decoder.read(Buffer.from(hex, "hex"))).toThrow();
    },
  );
});
