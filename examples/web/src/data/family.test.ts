import type { Task } from "@trackit/sdk";
import { expect, test } from "vitest";
import { below } from "./family.ts";

test("subtasks of subtasks belong to a task as well", () => {
  const task = (id: string, parentId: string | null) => ({ id, parentId }) as Task;
  const all = [task("a", null), task("b", "a"), task("c", "b"), task("d", null), task("e", "a")];
  expect(below(all, "a").map(({ id }) => id)).toEqual(["b", "e", "c"]);
  expect(below(all, "d")).toEqual([]);
});
