import { eveHerself, readCells, readChanges, type TableExpectations } from "../expectations.ts";
import { insertRow } from "./seed.ts";

const cells = readCells(`
           anon       eve        ada        sue        gone       root       service
  select   401/42501  200:0      200:1      200:0      200:0      200:0      200:1
  insert   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  403/42501
  update   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  403/42501
  delete   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  403/42501
`);

const line = (owner: string) => ({
  user_id: owner,
  kind: "goal.created",
  entity: "goal",
  entity_id: crypto.randomUUID(),
});

/** The feed is as triggers wrote it: no API role writes there, the service neither. */
export const activities: TableExpectations = {
  name: "activities",
  title: "activities",
  seed: ({ stack }, owner) => insertRow(stack, "activities", line(owner), ["id"]),
  insert: (_, owner) => line(owner),
  update: { data: { title: "Changed" } },
  cells,
  cellsWithoutRls: readChanges(
    cells,
    `
           anon       eve        ada        sue        gone       root       service
  select   .          200:1      .          200:1      200:1      200:1      .
  `,
  ),
  nobody: {
    insert: "written by triggers alone",
    update: "the feed is append-only",
    delete: "lines go with the row that they tell of",
  },
  columns: {
    atInsert: [],
    open: {},
    closed: {
      id: crypto.randomUUID(),
      user_id: eveHerself,
      actor_id: eveHerself,
      kind: "goal.deleted",
      entity: "task",
      entity_id: crypto.randomUUID(),
      data: { title: "Changed" },
      created_at: "2020-01-01T00:00:00+00:00",
    },
    generated: [],
    serviceOutcomes: Object.fromEntries(
      ["id", "user_id", "actor_id", "kind", "entity", "entity_id", "data", "created_at"].map((column) => [
        column,
        "403/42501",
      ]),
    ),
  },
};
