/** The tables of docs/security.md: each attack by name stands in a test of each file given for it, and each file is there. */
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../support/stack.ts";

const text = await readFile(path.join(root, "docs/security.md"), "utf8");
const codes = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? "");
const lines = text
  .split("\n")
  .filter((line) => /^\| `[a-z0-9_]+_[a-z0-9_]+`/.test(line))
  .map((line) => line.split("|").slice(1, 4));

describe.each(lines)("%s", (names, alone, stacked) => {
  const files = [
    ...codes(alone).map((file) => `sdk/src/crypto/${file}.test.ts`),
    ...codes(stacked).map((file) => `tests/${file}.test.ts`),
  ];
  it.each(files)("is tried in %s", async (file) => {
    const tests = await readFile(path.join(root, file), "utf8");
    const titles = [...tests.matchAll(/(?:it|describe)\(\s*"([^"]+)"/g)].map(([, title]) => title);
    for (const name of codes(names)) expect(titles.filter((title) => title?.includes(name))).not.toEqual([]);
  });
});

const paths = codes(text).flatMap((code) => {
  if (/^(?:attack|browser|long|policy|story)\/[\w.-]+$/.test(code)) return [`tests/${code}`];
  return /^(?:supabase\/)?(?:tests\/)?\d\d_\w+$/.test(code)
    ? [code.replace(/^(?:supabase\/tests\/)?/, "supabase/tests/")]
    : [];
});
it.each([...new Set(paths)])("%s is there", async (file) => {
  const ends = [".test.ts", ".ts", ".test.sql"].map((end) => access(path.join(root, file + end)));
  await expect(Promise.any(ends)).resolves.toBeUndefined();
});

it("the table has every attack", () => {
  expect(lines.flatMap(([names]) => codes(names))).toHaveLength(41);
});
