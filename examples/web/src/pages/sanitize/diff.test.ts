import * as sanitizer from "@trackit/sdk/sanitize";
import { describe, expect, test } from "vitest";
import { en } from "../../i18n/en.ts";
import { pt } from "../../i18n/pt.ts";
import { diff, visible } from "./diff.ts";
import { outcomeOf } from "./outcome.ts";

describe("diff()", () => {
  test("says what was taken out and put in, and together both texts", () => {
    const pairs: [string, string][] = [
      ["Run <script>x</script>fast", "Run fast"],
      ["List<String>", "List< String>"],
      ["e\u0301", "é"],
      ["", "a"],
      ["same", "same"],
    ];
    for (const [before, after] of pairs) {
      const stretches = diff(before, after) ?? [];
      const side = (without: string) =>
        stretches
          .filter(({ kind }) => kind !== without)
          .map(({ text }) => text)
          .join("");
      expect([side("in"), side("out")]).toEqual([before, after]);
    }
    expect(diff("List<String>", "List< String>")).toEqual([
      { kind: "same", text: "List<", at: 0 },
      { kind: "in", text: " ", at: 5 },
      { kind: "same", text: "String>", at: 6 },
    ]);
  });

  test("leaves long texts without marks", () => {
    expect(diff("a ".repeat(2000), "b ".repeat(2000))).toBeNull();
  });
});

test("hidden characters are shown by their number", () => {
  expect(visible("a\0\u202eb\n\ud800")).toBe("a⟨U+0000⟩⟨U+202E⟩b\n⟨U+D800⟩");
});

describe("outcomeOf()", () => {
  test("reads objects and arrays as JSON and everything else as text", () => {
    expect(outcomeOf('{"a":"<b>"}', sanitizer)).toMatchObject({ as: "json", after: '{\n  "a": "< b>"\n}' });
    expect(outcomeOf("{not json} <b>", sanitizer)).toMatchObject({ as: "text", after: "{not json} < b>" });
    expect(outcomeOf("3", sanitizer)).toMatchObject({ as: "text", after: "3", changes: [] });
  });

  test("the example shows every kind of change, in both languages", () => {
    for (const { sanitize } of [en, pt]) {
      const [change] = outcomeOf(sanitize.exampleText, sanitizer).changes;
      expect(change?.kinds).toEqual(["element", "control", "direction", "normal", "markup"]);
    }
  });
});
