import type { Task, TrackIt } from "@trackit/sdk";
import { describe, expect, test } from "vitest";
import { startOfDay } from "./due.ts";
import { type TaskView, viewSource } from "./taskViews.ts";

const client = {} as TrackIt;
const task = (changes: Partial<Task>) =>
  ({ id: "1", status: "todo", dueAt: null, deletedAt: null, tags: [], ...changes }) as Task;
const joins = (view: TaskView, changes: Partial<Task>, known = false) =>
  viewSource(client, { view, search: "", tag: null }).accepts(task(changes), known);

const hour = 3_600_000;
const later = new Date(Date.now() + hour).toISOString();
const past = new Date(Date.now() - hour).toISOString();
const inDays = (days: number) => new Date(startOfDay(new Date(), days).getTime() + hour).toISOString();

describe("which view a changed task joins", () => {
  test("by its day", () => {
    expect(joins("overdue", { dueAt: past })).toBe(true);
    expect(joins("overdue", { dueAt: later })).toBe(false);
    expect(joins("today", { dueAt: inDays(0) })).toBe(true);
    expect(joins("today", { dueAt: inDays(1) })).toBe(false);
    expect(joins("soon", { dueAt: inDays(7) })).toBe(true);
    expect(joins("soon", { dueAt: inDays(8) })).toBe(false);
    expect(joins("all", {})).toBe(true);
  });

  test("a finished one stays in sight where it was, and joins only the finished", () => {
    expect(joins("all", { status: "done" }, true)).toBe(true);
    expect(joins("all", { status: "done" })).toBe(false);
    expect(joins("done", { status: "done" })).toBe(true);
    expect(joins("done", { status: "todo" }, true)).toBe(false);
  });

  test("a deleted one is in the view of deleted ones alone", () => {
    expect(joins("all", { deletedAt: past }, true)).toBe(false);
    expect(joins("deleted", { deletedAt: past })).toBe(true);
  });

  test("under a search, new rows wait for the server; under a tag, they need it", () => {
    const found = viewSource(client, { view: "all", search: "shoes", tag: null });
    expect(found.accepts(task({}), false)).toBe(false);
    const tagged = viewSource(client, { view: "all", search: "", tag: "sport" });
    expect(tagged.accepts(task({ tags: ["sport"] }), false)).toBe(true);
    expect(tagged.accepts(task({ tags: [] }), false)).toBe(false);
  });
});
