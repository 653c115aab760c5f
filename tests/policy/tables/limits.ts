import { eveHerself, readCells, readChanges, type TableExpectations } from "../expectations.ts";
import { insertRow, nextWord } from "./seed.ts";

const cells = readCells(`
           anon       eve        ada        sue        gone       root       service
  select   401/42501  200:0      200:1      200:0      200:0      200:1      200:1
  insert   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  201:1
  update   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
  delete   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
`);

/** Nobody raises their own limits; people see the ones that bind them. */
export const limits: TableExpectations = {
  name: "limits",
  title: "limits of a user",
  async seed({ stack }, owner) {
    await stack.db.query("delete from public.limits where user_id = $1", [owner]);
    return insertRow(stack, "limits", { user_id: owner, kind: "goals", max: 500 }, ["id"]);
  },
  insert: (_, owner) => ({ user_id: owner, kind: "tasks", max: 1_000_000 }),
  update: { max: 1_000_000 },
  cells,
  cellsWithoutRls: readChanges(
    cells,
    `
           anon       eve        ada        sue        gone       root       service
  select   .          200:1      .          200:1      200:1      .          .
  `,
  ),
  nobody: {},
  columns: {
    atInsert: [],
    open: {},
    closed: {
      id: crypto.randomUUID(),
      kind: "tasks",
      plan: "gold",
      user_id: eveHerself,
      max: 1_000_000,
    },
    generated: [],
    // A row speaks for a plan or for one user, never both.
    serviceOutcomes: { plan: "400/23514" },
  },
};

const planCells = readCells(`
           anon       eve        ada        sue        gone       root       service
  select   401/42501  200:1      200:1      200:0      200:0      200:1      200:1
  insert   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  201:1
  update   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
  delete   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
`);

/** What plans allow, everybody who is signed in may read. */
export const limitsOfPlans: TableExpectations = {
  name: "limits",
  title: "limits of a plan",
  seed: ({ stack }) =>
    insertRow(stack, "limits", { plan: nextWord("plan"), kind: "goals", max: 500 }, ["id"]),
  insert: () => ({ plan: nextWord("plan"), kind: "tasks", max: 1_000_000 }),
  update: { max: 1_000_000 },
  cells: planCells,
  cellsWithoutRls: readChanges(
    planCells,
    `
           anon       eve        ada        sue        gone       root       service
  select   .          .          .          200:1      200:1      .          .
  `,
  ),
  nobody: {},
  columns: { atInsert: [], open: {}, closed: {}, generated: [], serviceOutcomes: {} },
};
