import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** One file of `supabase/migrations`. */
export interface Migration {
  version: string;
  name: string;
  sql: string;
  sha256: string;
}

const fileName = /^(\d+)_(.+)\.sql$/;

/**
 * Reads the project's migrations in the order of their versions; other files are not looked at.
 * @throws Error naming both files when two have the same version
 */
export async function readMigrations(project: string): Promise<Migration[]> {
  const folder = path.join(project, "supabase", "migrations");
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found: Migration[] = [];
  for (const file of names.sort()) {
    const [, version, name] = fileName.exec(file) ?? [];
    if (!version || !name) continue;
    const twin = found.find((other) => other.version === version);
    if (twin)
      throw new Error(`migrations ${version}_${twin.name}.sql and ${file} have the same version; rename one`);
    found.push(await readMigration(path.join(folder, file), version, name));
  }
  return found;
}

async function readMigration(file: string, version: string, name: string): Promise<Migration> {
  const sql = await readFile(file, "utf8");
  return { version, name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
}
