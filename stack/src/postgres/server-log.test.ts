import { mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ServerLog } from "./server-log.ts";

let log: ServerLog;
beforeEach(() => {
  log = new ServerLog(path.join(mkdtempSync(path.join(tmpdir(), "trackit-log-")), "postgres.log"), 10);
});
afterEach(() => {
  log.close();
  rmSync(path.dirname(log.file), { recursive: true });
});

const read = (file: string) => readFileSync(file, "utf8");

it("a full log is set aside while its writer goes on, at the beginning again", () => {
  log.lend((descriptor) => {
    writeSync(descriptor, "longer than ten\n");
    log.rotate();
    writeSync(descriptor, "after\n");
  });
  expect([read(`${log.file}.1`), read(log.file)]).toEqual(["longer than ten\n", "after\n"]);
  expect(statSync(log.file).mode & 0o777).toBe(0o600);
});

it("since() tells what came after a size, six lines at most", () => {
  const before = log.size;
  log.lend((descriptor) => writeSync(descriptor, "one\n"));
  expect(log.since(before)).toBe("one");
  const later = log.size;
  log.lend((descriptor) => writeSync(descriptor, "1\n2\n3\n4\n5\n6\n7\n"));
  expect(log.since(later)).toBe("2\n3\n4\n5\n6\n7");
  expect(log.since(log.size)).toBe("it said nothing");
});
