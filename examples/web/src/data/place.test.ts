import { expect, test } from "vitest";
import { shownPlace } from "./place.ts";

test("a moved row stands right behind the one that it was put after, or first, as often as one likes", () => {
  const [first, again] = [shownPlace(""), shownPlace("")];
  const [behind, nearer] = [shownPlace("a1"), shownPlace("a1")];
  const next = shownPlace(nearer);
  expect([behind, "a1", "a10", nearer, again, first, "Zz", next].sort()).toEqual([
    again,
    first,
    "Zz",
    "a1",
    nearer,
    next,
    behind,
    "a10",
  ]);
});
