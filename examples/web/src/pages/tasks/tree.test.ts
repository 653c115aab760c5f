import type { Task } from "@trackit/sdk";
import { expect, test } from "vitest";
import { nest } from "./tree.ts";

const task = (id: string, parentId: string | null = null) => ({ id, parentId }) as Task;
const shape = (tasks: Task[]) => nest(tasks).map((node) => `${" ".repeat(node.depth)}${node.task.id}`);

test("subtasks stand below their parents, in the order given", () => {
  expect(shape([task("b1", "b"), task("a"), task("b"), task("b2", "b"), task("b11", "b1")])).toEqual([
    "a",
    "b",
    " b1",
    "  b11",
    " b2",
  ]);
});

test("a subtask whose parent is not in the list stands at the top", () => {
  expect(shape([task("orphan", "elsewhere"), task("a")])).toEqual(["orphan", "a"]);
});
