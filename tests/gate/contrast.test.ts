import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/stack.ts";

const css = readFileSync(path.join(root, "examples/web/src/ui/base.css"), "utf8");

/** `--name: light-dark(#aaa, #bbb)` of the style sheet, by name. */
const tokens = Object.fromEntries(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name, [light, dark]],
  ),
);

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) =>
    c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

/** The lower contrast of two tokens over both appearances. */
function worst(ink: string, ground: string): number {
  const [inks, grounds] = [tokens[ink], tokens[ground]];
  if (!inks || !grounds)
    throw new Error(`no token ${inks ? ground : ink} in base.css: want light-dark(#…, #…)`);
  return Math.min(...[0, 1].map((mode) => contrast(inks[mode] ?? "", grounds[mode] ?? "")));
}

describe("contrast, in light and in dark", () => {
  test.each([
    ...["page", "card", "sunken", "soft"].flatMap((ground) => [
      ["ink", ground],
      ["quiet", ground],
    ]),
    ["accent", "page"],
    ["accent", "card"],
    ["accent", "soft"],
    ["on-accent", "accent"],
    ["on-accent", "accent-hover"],
    ["bad", "page"],
    ["bad", "card"],
    ["bad", "bad-soft"],
    ["warn", "page"],
    ["warn", "card"],
    ["warn", "warn-soft"],
  ])("%s on %s can be read (4.5)", (ink, ground) => {
    expect(worst(ink, ground)).toBeGreaterThanOrEqual(4.5);
  });

  const hues = ["teal", "blue", "violet", "pink", "red", "orange", "amber", "green"];
  test.each([
    ["line-strong", "card"],
    ["line-strong", "page"],
    ...hues.flatMap((hue) => [
      [hue, "card"],
      [hue, "page"],
    ]),
  ])("%s on %s can be seen (3)", (ink, ground) => {
    expect(worst(ink, ground)).toBeGreaterThanOrEqual(3);
  });
});
