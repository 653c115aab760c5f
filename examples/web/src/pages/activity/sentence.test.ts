import type { Activity } from "@trackit/sdk";
import { expect, test } from "vitest";
import { en } from "../../i18n/en.ts";
import { pt } from "../../i18n/pt.ts";
import { groupByDay, sentence } from "./sentence.ts";

const activity = (changes: Partial<Activity>) =>
  ({ kind: "task.status", entity: "task", data: { title: "Run", to: "done" }, ...changes }) as Activity;

test("an activity is told in the reader's language; an unknown kind shows by its name", () => {
  expect(sentence(activity({}), en)).toEqual({ what: "Task status changed", title: "Run", detail: "Done" });
  expect(sentence(activity({}), pt).detail).toBe("Concluída");
  expect(sentence(activity({ kind: "goal.shared", entity: "goal", data: {} }), en)).toEqual({
    what: "goal.shared",
    title: "",
    detail: "",
  });
});

test("rows are grouped by day, in their order", () => {
  const at = (day: number, hour: number) =>
    activity({ createdAt: new Date(2026, 10, day, hour).toISOString() });
  expect(groupByDay([at(20, 9), at(20, 1), at(19, 23)]).map((day) => day.rows.length)).toEqual([2, 1]);
});
