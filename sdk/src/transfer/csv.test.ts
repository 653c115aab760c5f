import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRecord, parseCsv } from "./csv.ts";

const awkward = fc.string({
  unit: fc.constantFrom('"', ",", ";", "\t", "\r", "\n", "'", "=", "+", "-", "@", " ", "a", "é"),
});
const cell = fc.oneof(awkward, fc.string(), fc.string({ unit: "grapheme" }));
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
  );
const HEADER = ["one", "two"];

describe("CSV", () => {
  it("reads back exactly what it wrote, whatever the cells hold", () => {
    fc.assert(
      fc.property(table, (rows) => {
        const text = `\ufeff${[HEADER, ...rows].map(csvRecord).join("")}`;
        const records = parseCsv(text);
        expect(records.map((record) => record.cells)).toEqual([HEADER, ...rows]);
        expect(records.every((record) => record.fault === null)).toBe(true);
      }),
    );
  });

  it("gives no spreadsheet a formula", () => {
    fc.assert(
      fc.property(cell, (text) => {
        const written = csvRecord([text]).replace(/\r\n$/, "").replace(/^"/, "");
        expect(written).not.toMatch(/^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/);
      }),
    );
    expect(csvRecord(["=1+1", "-2", "'=x", "it's"])).toBe("'=1+1,'-2,''=x,it's\r\n");
  });

  it("tells the line on which each record begins, through cells of several lines", () => {
    const records = parseCsv('a,b\r\n"one\r\ntwo\nthree",x\r\n\r\nlast,y');
    expect(records.map((record) => record.line)).toEqual([1, 2, 6]);
    expect(records[1]?.cells).toEqual(["one\r\ntwo\nthree", "x"]);
  });

  it("reads semicolons and tabs, as spreadsheets write them in half the world", () => {
    expect(parseCsv("a;b\n1,5;2\n").map((record) => record.cells)).toEqual([
      ["a", "b"],
      ["1,5", "2"],
    ]);
    expect(parseCsv("a\tb\n1\t2").map((record) => record.cells)).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  it("keeps what is malformed and says what is wrong", () => {
    expect(parseCsv('a,b\n"open,x\ny,z')[1]).toMatchObject({ line: 2, fault: "a closing quote" });
    expect(parseCsv('a,b\n"x"y,z')[1]).toMatchObject({ cells: ["xy", "z"], fault: expect.any(String) });
    expect(parseCsv("")).toEqual([]);
  });
});
