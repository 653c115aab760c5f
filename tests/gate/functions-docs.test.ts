/** docs/functions.md, the functions' own list of codes and the SDK's are told alike. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { PROBLEM_CODES } from "../../functions/_shared/problem.ts";
import { MAX_BYTES, MAX_DEPTH, RATE } from "../../functions/sanitize/limits.ts";
import { ERROR_CODES } from "../../sdk/src/errors.ts";
import { readDeclared } from "../../stack/src/functions/declared.ts";
import { root } from "../support/stack.ts";

const page = readFileSync(path.join(root, "docs/functions.md"), "utf8");

it("every code that a function answers with is one of the SDK's", () => {
  expect(PROBLEM_CODES.filter((code) => !(ERROR_CODES as readonly string[]).includes(code))).toEqual([]);
});

it("the page names every one of them, and no other of their families", () => {
  const named = new Set(page.match(/\b(?:USAGE|AUTH|ACCESS|LIMIT|NETWORK)_[A-Z_]+\b/g));
  expect(PROBLEM_CODES.filter((code) => !named.has(code))).toEqual([]);
  expect([...named].filter((code) => !(PROBLEM_CODES as readonly string[]).includes(code))).toEqual([]);
});

it("the page's bounds are the code's", () => {
  const { limits } = readDeclared(null, "any");
  for (const [key, value] of Object.entries(limits)) expect(page).toContain(`| \`${key}\` | ${value} |`);
  expect(page).toContain(
    `At most ${MAX_BYTES / 1_048_576} MiB and ${MAX_DEPTH} levels, ${RATE.most} calls a minute`,
  );
});
