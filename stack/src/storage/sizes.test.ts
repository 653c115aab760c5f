import { expect, it } from "vitest";
import { parseBinarySize, parseDecimalSize } from "./sizes.ts";

it.each([
  ["50MiB", 52_428_800],
  ["50MB", 52_428_800],
  ["50m", 52_428_800],
  ["1.5 GiB", 1_610_612_736],
  ["1024", 1024],
  ["", null],
  ["many", null],
  ["-1MB", null],
  ["1e9", null],
])("config.toml's %j is %j bytes", (text, bytes) => {
  expect(parseBinarySize(text)).toBe(bytes);
});

it.each([
  ["20GB", 20e9],
  ["20mb", 20e6],
  ["1.5kb", 1500],
  ["3B", 3],
  ["20MiB", null],
  ["20", null],
  ["", null],
])("the API's %j is %j bytes", (text, bytes) => {
  expect(parseDecimalSize(text)).toBe(bytes);
});
