import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openLogFile } from "./log-file.ts";

let file: string;
beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), "trackit-log-")), "stack.log");
});
afterEach(() => rmSync(path.dirname(file), { recursive: true }));

const read = (name = file) => readFileSync(name, "utf8");

it("writes every line in order, for its user alone", () => {
  const log = openLogFile(file);
  for (let n = 0; n < 1000; n++) log.write(`${n}\n`);
  log.close();
  expect(read().trim().split("\n")).toEqual(Array.from({ length: 1000 }, (_, n) => String(n)));
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it("goes on where it was, and sets a full log aside", () => {
  for (const text of ["one", "two", "three"]) {
    const log = openLogFile(file, 4);
    log.write(`${text}\n`);
    log.close();
  }
  expect([read(`${file}.1`), read()]).toEqual(["two\n", "three\n"]);
});

it("cannot be written for a while: nothing is thrown, and the gap is told", () => {
  // A folder in the file's place refuses root too.
  mkdirSync(file);
  chmodSync(file, 0o700);
  const first = openLogFile(file);
  first.write("lost\n");
  first.close();
  rmSync(file, { recursive: true });
  first.write("lost too, until the next flush\n");
  first.close();
  expect(read()).toContain('"event":"log.gap","lines":1');
});
