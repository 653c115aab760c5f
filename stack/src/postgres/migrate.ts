import pg from "pg";
import type { ProjectConfig } from "../config/schema.ts";
import { describeFailure } from "./failure.ts";
import { type Migration, readMigrations } from "./migrations.ts";
import { seed } from "./seed.ts";

/** An applied migration's file is not what was applied, or is gone. */
export class MigrationChangedError extends Error {
  constructor(reason: string) {
    super(`${reason}; undo the change, or make the database anew with: npx trackit-stack reset`);
    this.name = "MigrationChangedError";
  }
}

/**
 * Applies the project's pending migrations, each in a transaction of its own, and records them where the
 * Supabase CLI looks. On a database that has never had any, the seed files run afterwards.
 * @param url as `postgres`
 * @param project the folder that holds `supabase/`
 * @returns the versions applied now
 * @throws MigrationChangedError when an applied file was edited or removed
 * @throws Error naming file and line when a migration fails; nothing of it is kept
 */
export async function migrate(url: string, project: string, db: ProjectConfig["db"]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: before } = await client.query<{ empty: boolean }>(
      "select to_regnamespace('supabase_migrations') is null as empty",
    );
    await client.query(history);
    if (!db.migrations.enabled) return [];
    const { rows } = await client.query<{ version: string; sha256: string | null }>(
      "select m.version, h.sha256 from supabase_migrations.schema_migrations m " +
        "left join supabase_migrations.stack_hashes h using (version) order by 1",
    );
    const wanted = await readMigrations(project);
    const pending = compare(wanted, rows);
    await adopt(client, wanted, rows);
    for (const migration of pending) await apply(client, migration);
    if (before[0]?.empty && db.seed.enabled) await seed(client, project, db.seed.sql_paths);
    return pending.map((migration) => migration.version);
  } finally {
    await client.end();
  }
}

// The first table is the CLI's own, column for column; the hashes are ours, beside it.
const history = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key, statements text[], name text
  );
  create table if not exists supabase_migrations.stack_hashes (
    version text not null primary key references supabase_migrations.schema_migrations on delete cascade,
    sha256 text not null
  );`;

interface Applied {
  version: string;
  /** Null where the CLI applied it. */
  sha256: string | null;
}

function compare(wanted: Migration[], applied: Applied[]): Migration[] {
  const byVersion = new Map(wanted.map((migration) => [migration.version, migration]));
  for (const { version, sha256 } of applied) {
    const file = byVersion.get(version);
    if (!file) throw new MigrationChangedError(`migration ${version} was applied and its file is gone`);
    if (sha256 !== null && sha256 !== file.sha256)
      throw new MigrationChangedError(
        `migration ${version}_${file.name}.sql was changed after it was applied`,
      );
    byVersion.delete(version);
  }
  return [...byVersion.values()];
}

/** Notes the hash of what the CLI has pushed, so that a later edit is noticed there too. */
async function adopt(client: pg.Client, wanted: Migration[], applied: Applied[]): Promise<void> {
  for (const { version, sha256 } of wanted) {
    if (applied.some((one) => one.version === version && one.sha256 === null))
      await client.query("insert into supabase_migrations.stack_hashes values ($1, $2)", [version, sha256]);
  }
}

async function apply(client: pg.Client, { version, name, sql, sha256 }: Migration): Promise<void> {
  try {
    await client.query("begin");
    await client.query(sql);
    // A migration may set its session's search path or role; the history and the next start clean, as with the CLI.
    await client.query("reset all; reset role");
    await client.query("insert into supabase_migrations.schema_migrations values ($1, $2, $3)", [
      version,
      [sql],
      name,
    ]);
    await client.query("insert into supabase_migrations.stack_hashes values ($1, $2)", [version, sha256]);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback").catch(() => {});
    const failure = await describeFailure(client, cause, sql);
    throw new Error(`cannot apply migration ${version}_${name}.sql${failure}`, { cause });
  }
}
