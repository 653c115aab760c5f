import { readCells, readChanges, type TableExpectations } from "../expectations.ts";

const cells = readCells(`
           anon       eve        ada        sue        gone       root       service
  select   401/42501  200:0      200:1      200:0      200:0      200:1      200:1
  insert   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  201:1
  update   401/42501  200:0      200:1      200:0      200:0      200:0      200:1
  delete   401/42501  403/42501  403/42501  403/42501  403/42501  403/42501  200:1
`);

/** A profile comes and goes with its account. People see and change their own; administrators see all. */
export const profiles: TableExpectations = {
  name: "profiles",
  title: "profiles",
  // Every account has its profile already.
  seed: async (_, owner) => ({ id: owner }),
  async insert({ stack }, owner) {
    const { rows } = await stack.db.query<{ username: string }>(
      "select username from public.profiles where id = $1",
      [owner],
    );
    const username = rows[0]?.username ?? "";
    // For a place where a profile could go: nobody but the service gets that far.
    if (username.startsWith("stranger")) {
      await stack.db.query("delete from public.profiles where id = $1", [owner]);
    }
    return { id: owner, username, display_name: username };
  },
  update: { preferences: { theme: "dark" } },
  cells,
  cellsWithoutRls: readChanges(
    cells,
    `
           anon       eve        ada        sue        gone       root       service
  select   .          200:1      .          200:1      200:1      .          .
  update   .          200:1      .          200:1      200:1      200:1      .
  `,
  ),
  nobody: {},
  columns: {
    atInsert: [],
    open: {
      username: "ada-again",
      display_name: "Ada Lovelace",
      avatar_url: "https://example.test/ada.png",
      locale: "pt-BR",
      time_zone: "America/Sao_Paulo",
      preferences: { theme: "light" },
    },
    closed: {
      id: crypto.randomUUID(),
      status: "suspended",
      plan: "gold",
      created_at: "2020-01-01T00:00:00+00:00",
      updated_at: "2020-01-01T00:00:00+00:00",
      version: 41,
    },
    generated: [],
    // A profile cannot leave its account.
    serviceOutcomes: { id: "409/23503" },
  },
};
