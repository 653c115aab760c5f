import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import type { ProjectConfig } from "../config/schema.ts";

interface Migration {
  version: string;
  name: string;
  sql: string;
  sha256: string;
}

/** An applied migration's file is not what was applied, or is gone. */
export class MigrationChangedError extends Error {
  constructor(reason: string) {
    super(`${reason}; undo the change, or make the database anew with: trackit-stack reset`);
    this.name = "MigrationChangedError";
  }
}

/**
 * Applies the project's pending migrations, each in a transaction of its own, and records them where the
 * Supabase CLI looks; after the first of all, the seed files run.
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
    await client.query(history);
    const { rows } = await client.query<{ version: string; sha256: string | null }>(
      "select m.version, h.sha256 from supabase_migrations.schema_migrations m " +
        "left join supabase_migrations.stack_hashes h using (version) order by 1",
    );
    const wanted = db.migrations.enabled ? await readMigrations(project) : [];
    const pending = compare(wanted, rows);
    for (const migration of pending) await apply(client, migration);
    if (rows.length === 0 && db.seed.enabled) await seed(client, project, db.seed.sql_paths);
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

const fileName = /^(\d+)_(.+)\.sql$/;

async function readMigrations(project: string): Promise<Migration[]> {
  const folder = path.join(project, "supabase", "migrations");
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names.sort().map((file) => ({ file, match: fileName.exec(file) }));
  return Promise.all(
    files.flatMap(({ file, match }) => {
      const [, version, name] = match ?? [];
      return version && name ? [readMigration(path.join(folder, file), version, name)] : [];
    }),
  );
}

async function readMigration(file: string, version: string, name: string): Promise<Migration> {
  const sql = await readFile(file, "utf8");
  return { version, name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
}

function compare(wanted: Migration[], applied: { version: string; sha256: string | null }[]): Migration[] {
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

async function apply(client: pg.Client, { version, name, sql, sha256 }: Migration): Promise<void> {
  try {
    await client.query("begin");
    await client.query(sql);
    await client.query("insert into supabase_migrations.schema_migrations values ($1, $2, $3)", [
      version,
      [sql],
      name,
    ]);
    await client.query("insert into supabase_migrations.stack_hashes values ($1, $2)", [version, sha256]);
    await client.query("commit");
    // A migration may set its session's search path or role; the next starts clean, as with the CLI.
    await client.query("reset all; reset role");
  } catch (cause) {
    await client.query("rollback").catch(() => {});
    throw new Error(`cannot apply migration ${version}_${name}.sql${describe(cause, sql)}`, { cause });
  }
}

function describe(cause: unknown, sql: string): string {
  if (!(cause instanceof pg.DatabaseError)) return `: ${String(cause)}`;
  const line = cause.position ? sql.slice(0, Number(cause.position)).split("\n").length : null;
  const more = [cause.detail, cause.hint].filter(Boolean).join(" ");
  return `${line ? `, line ${line}` : ""}: ${cause.message} (${cause.code})${more ? ` ${more}` : ""}`;
}

async function seed(client: pg.Client, project: string, files: string[]): Promise<void> {
  for (const file of files) {
    const sql = await readFile(path.join(project, "supabase", file), "utf8").catch(() => "");
    if (sql.trim() === "") continue;
    await client.query(sql).catch((cause: unknown) => {
      throw new Error(`cannot run the seed ${file}${describe(cause, sql)}`, { cause });
    });
  }
}
