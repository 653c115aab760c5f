import { expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

it.each([
  ["1s", 1],
  ["250ms", 0.25],
  ["1h30m", 5400],
  ["1.5h", 5400],
  ["4320h", 15_552_000],
  ["0", 0],
  ["", null],
  ["10", null],
  ["1d", null],
  ["-1h", null],
  ["1h ", null],
  ["none", null],
])("the duration %j is %j seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});
