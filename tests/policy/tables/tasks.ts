import { eveHerself, readCells, readChanges, type TableExpectations } from "../expectations.ts";
import { insertRow, nextTitle } from "./seed.ts";

const cells = readCells(`
           anon       eve        ada        sue        gone       root       service
  select   401/42501  200:0      200:1      200:0      200:0      200:0      200:1
  insert   401/42501  403/42501  201:1      403/42501  403/42501  403/42501  201:1
  update   401/42501  200:0      200:1      200:0      200:0      200:0      200:1
  delete   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
`);

/** As goals. */
export const tasks: TableExpectations = {
  name: "tasks",
  title: "tasks",
  seed: ({ stack }, owner) =>
    insertRow(stack, "tasks", { owner_id: owner, title: nextTitle("task") }, ["id"]),
  insert: (_, owner) => ({ owner_id: owner, title: nextTitle("task") }),
  update: { description: "Changed." },
  cells,
  cellsWithoutRls: readChanges(
    cells,
    `
           anon       eve        ada        sue        gone       root       service
  select   .          200:1      .          200:1      200:1      200:1      .
  insert   .          201:1      .          201:1      201:1      201:1      .
  update   .          200:1      .          200:1      200:1      200:1      .
  `,
  ),
  nobody: {},
  columns: {
    atInsert: [
      "id",
      "owner_id",
      "goal_id",
      "parent_id",
      "title",
      "description",
      "status",
      "priority",
      "assignee_id",
      "due_at",
      "remind_at",
      "rrule",
      "tags",
      "position",
      "custom",
    ],
    open: {
      goal_id: null,
      parent_id: null,
      title: "Another title",
      description: "Another description.",
      status: "doing",
      priority: 3,
      assignee_id: null,
      due_at: "2096-12-24T12:00:00+00:00",
      remind_at: "2096-12-24T09:00:00+00:00",
      rrule: "FREQ=WEEKLY",
      tags: ["home"],
      position: "b1",
      custom: { shop: "market" },
      deleted_at: "2026-11-20T00:00:00+00:00",
    },
    closed: {
      id: crypto.randomUUID(),
      owner_id: eveHerself,
      completed_at: "2026-11-20T00:00:00+00:00",
      created_at: "2020-01-01T00:00:00+00:00",
      updated_at: "2020-01-01T00:00:00+00:00",
      version: 41,
    },
    generated: ["due_sort", "search"],
    serviceOutcomes: {},
  },
};
