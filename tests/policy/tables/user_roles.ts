import { eveHerself, readCells, readChanges, type TableExpectations } from "../expectations.ts";

const cells = readCells(`
           anon       eve        ada        sue        gone       root       service
  select   401/42501  200:0      200:1      200:0      200:0      200:1      200:1
  insert   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  201:1
  update   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
  delete   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
`);

/** Nobody makes themselves or others an administrator over the API; people see their own roles. */
export const userRoles: TableExpectations = {
  name: "user_roles",
  title: "user_roles",
  // Every account is a member from the start.
  seed: async (_, owner) => ({ user_id: owner, role: "member" }),
  insert: (_, owner) => ({ user_id: owner, role: "admin" }),
  update: { granted_at: "2020-01-01T00:00:00+00:00" },
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
    closed: { user_id: eveHerself, role: "admin", granted_at: "2020-01-01T00:00:00+00:00" },
    generated: [],
    // eve is a member already.
    serviceOutcomes: { user_id: "409/23505" },
  },
};
