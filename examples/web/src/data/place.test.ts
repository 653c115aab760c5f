import { expect, test } from "vitest";
import { place, shownPosition, unplace } from "./place.ts";

test("a moved row stands right behind the one that it was put after, or first, as often as one likes", () => {
  const moved = (id: string, after: string) => {
    place(id, after);
    return shownPosition({ id, position: "z" });
  };
  const [first, again] = [moved("a", ""), moved("b", "")];
  const [behind, nearer] = [moved("c", "a1"), moved("d", "a1")];
  const next = moved("e", nearer);
  const sorted = [again, first, "Zz", "a1", nearer, next, behind, "a10"];
  expect([...sorted].reverse().sort()).toEqual(sorted);
  unplace("a");
  expect(shownPosition({ id: "a", position: "z" })).toBe("z");
});
