import type { Activity } from "@trackit/sdk";
import { expect, test } from "vitest";
import { withNewest } from "./useFeed.ts";

const page = (ids: string, next: string | null = null) => ({
  rows: [...ids].map((id) => ({ id }) as Activity),
  next,
});
const ids = (feed: { rows: Activity[] }) => feed.rows.map(({ id }) => id).join("");

test("new lines come on top, and older pages stay", () => {
  const feed = withNewest(page("dcba", "after a"), page("fedc", "after c"));
  expect([ids(feed), feed.next]).toEqual(["fedcba", "after a"]);
  expect(ids(withNewest(null, page("ba")))).toBe("ba");
});

test("after more lines than a page holds the feed begins anew", () => {
  const feed = withNewest(page("ba"), page("zyx", "after x"));
  expect([ids(feed), feed.next]).toEqual(["zyx", "after x"]);
});
