import type { Task } from "@trackit/sdk";
import { describe, expect, test } from "vitest";
import { readTags, taskPatch } from "./taskPatch.ts";

const base = {
  id: "1",
  title: "Run",
  description: "",
  status: "todo",
  priority: 0,
  goalId: null,
  tags: ["sport"],
  dueAt: new Date(2026, 10, 20, 18, 30, 12).toISOString(),
} as unknown as Task;

function form(changes: Record<string, string> = {}): FormData {
  const data = new FormData();
  const fields = { title: "Run", description: "", status: "todo", priority: "0", goalId: "", tags: "sport" };
  const due = { dueAt: "2026-11-20", dueTime: "18:30" };
  for (const [name, value] of Object.entries({ ...fields, ...due, ...changes })) data.set(name, value);
  return data;
}

describe("what the form of a task sends", () => {
  test("nothing when nothing was changed, seconds of the row included", () => {
    expect(taskPatch(form(), base)).toEqual({});
  });

  test("only the fields that were changed", () => {
    const patch = taskPatch(form({ title: " Run far ", priority: "3", tags: "sport, #long" }), base);
    expect(patch).toEqual({ title: "Run far", priority: 3, tags: ["sport", "long"] });
  });

  test("a day without an hour is the end of that day; no day takes the due time away", () => {
    const end = new Date(2026, 10, 21, 23, 59).toISOString();
    expect(taskPatch(form({ dueAt: "2026-11-21", dueTime: "" }), base)).toEqual({ dueAt: end });
    expect(taskPatch(form({ dueAt: "", dueTime: "" }), base)).toEqual({ dueAt: null });
  });
});

test("tags are read once each, without marks and blanks", () => {
  expect(readTags(" a, #b ,, a ")).toEqual(["a", "b"]);
  expect(readTags("")).toEqual([]);
});
