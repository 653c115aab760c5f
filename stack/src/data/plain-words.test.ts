import { describe, expect, it } from "vitest";
import { inPlainWords } from "./plain-words.ts";

const failure = (code: string, path?: string) => Object.assign(new Error(`${code}: failed`), { code, path });
const words = (error: unknown) => (inPlainWords(error, "/data/mine") as Error).message;

describe("inPlainWords()", () => {
  it.each([
    [failure("ENOSPC", "/data/mine/keys.json.new"), "the disk is full"],
    [failure("EROFS", "/data/mine"), "it is on a read-only file system"],
    [failure("EACCES", "/data"), "this user may not write there"],
    [failure("EEXIST", "/data/mine"), "it is a file, want a folder"],
    [failure("EEXIST", "/data"), "a part of the path is a file, want folders"],
    [failure("53100"), "the disk is full"],
    [new Error("initdb said: could not write: No space left on device"), "the disk is full"],
    [new Error("cannot apply", { cause: failure("53100") }), "the disk is full"],
  ])("%s", (error, reason) => {
    expect(words(error)).toBe(
      `cannot use the data directory /data/mine: ${reason}; choose another with --data DIR`,
    );
  });

  it.each([
    ["of another folder", failure("EACCES", "/etc/hosts")],
    ["of no file", failure("EACCES")],
    ["that it does not know", failure("EWHAT", "/data/mine")],
  ])("leaves an error %s as it is", (_, error) => {
    expect(inPlainWords(error, "/data/mine")).toBe(error);
  });
});
