import { eveHerself, readCells, readChanges, type TableExpectations } from "../expectations.ts";
import { insertRow, nextTitle } from "./seed.ts";

const cells = readCells(`
           anon       eve        ada        sue        gone       root       service
  select   401/42501  200:0      200:1      200:0      200:0      200:0      200:1
  insert   401/42501  403/42501  201:1      403/42501  403/42501  403/42501  201:1
  update   401/42501  200:0      200:1      200:0      200:0      200:0      200:1
  delete   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
`);

/** People have their own goals and nobody else's, not even an administrator's; deleting is an update. */
export const goals: TableExpectations = {
  name: "goals",
  title: "goals",
  seed: ({ stack }, owner) =>
    insertRow(stack, "goals", { owner_id: owner, title: nextTitle("goal") }, ["id"]),
  insert: (_, owner) => ({ owner_id: owner, title: nextTitle("goal") }),
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
      "title",
      "description",
      "status",
      "priority",
      "colour",
      "icon",
      "starts_on",
      "due_at",
      "position",
      "custom",
    ],
    open: {
      title: "Another title",
      description: "Another description.",
      status: "dropped",
      priority: 2,
      colour: "teal",
      icon: "🏃",
      starts_on: "2026-12-01",
      due_at: "2026-12-24T12:00:00+00:00",
      position: "b1",
      custom: { place: "park" },
      deleted_at: "2026-11-20T00:00:00+00:00",
    },
    closed: {
      id: crypto.randomUUID(),
      owner_id: eveHerself,
      tasks_total: 7,
      tasks_done: 0,
      completed_at: "2026-11-20T00:00:00+00:00",
      created_at: "2020-01-01T00:00:00+00:00",
      updated_at: "2020-01-01T00:00:00+00:00",
      version: 41,
    },
    generated: ["progress", "due_sort", "search"],
    serviceOutcomes: {},
  },
};
