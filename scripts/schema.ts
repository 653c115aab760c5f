/**
 * Writes what follows from the migrations: `supabase/schema.sql` and `sdk/src/schema/database.types.ts`.
 * Run after every change of a migration: `npx tsx scripts/schema.ts`.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { openDatabase, root } from "../tests/sql/support/database.ts";
import { renderSchema } from "./schema/render.ts";
import { renderTypes } from "./schema/types.ts";

export const schemaFile = path.join(root, "supabase", "schema.sql");
export const typesFile = path.join(root, "sdk", "src", "schema", "database.types.ts");

if (process.argv[1] === import.meta.filename) {
  const database = await openDatabase();
  try {
    await writeFile(schemaFile, await renderSchema(database.admin));
    await writeFile(typesFile, await renderTypes(database.url("postgres")));
  } finally {
    await database.close();
  }
  console.log("wrote supabase/schema.sql and sdk/src/schema/database.types.ts");
}
