import type { IntrospectResult } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import pg from "pg";
import { bindTo } from "./bound.ts";

/** The lists of an introspection whose entries belong to a schema. */
const scoped = [
  "tables",
  "columns",
  "indexes",
  "foreign_keys",
  "primary_keys",
  "views",
  "functions",
  "check_constraints",
  "unique_constraints",
  "comments",
  "partitions",
  "triggers",
] as const;

/**
 * Reads the catalogs as administrator and keeps the exposed schemas only: lite looks relations up by bare name,
 * so that `auth.users` would answer for `users`.
 */
export async function introspectExposed(
  adminDatabaseUrl: string,
  schemas: readonly string[],
): Promise<IntrospectResult> {
  const client = new pg.Client({ connectionString: adminDatabaseUrl, application_name: "rest catalog" });
  client.on("error", () => {});
  await client.connect();
  try {
    const connection = new PostgresConnection({});
    connection.kysely = bindTo(client);
    const whole = await connection.introspect();
    if (whole.columns.length === 0) throw new Error("Reading the catalogs failed: no column is visible");
    const exposed = { ...whole, default_schema: schemas[0] ?? "public" };
    for (const list of scoped) Object.assign(exposed, { [list]: whole[list]?.filter(within(schemas)) });
    return exposed;
  } finally {
    await client.end();
  }
}

const within = (schemas: readonly string[]) => (entry: { schema: string; ref_schema?: string }) =>
  schemas.includes(entry.schema) && (entry.ref_schema === undefined || schemas.includes(entry.ref_schema));
