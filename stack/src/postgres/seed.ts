import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type pg from "pg";
import { describeFailure } from "./failure.ts";

/**
 * Runs the project's seed files.
 * @param patterns of `[db.seed] sql_paths`, relative to `supabase/`; a `*` stands for any part of a file's name
 * @throws Error naming file and line when one fails
 */
export async function seed(client: pg.Client, project: string, patterns: string[]): Promise<void> {
  for (const file of await expand(path.join(project, "supabase"), patterns)) {
    const sql = await readFile(file, "utf8");
    await client.query(sql).catch(async (cause: unknown) => {
      const failure = await describeFailure(client, cause, sql);
      throw new Error(`cannot run the seed ${path.relative(project, file)}${failure}`, { cause });
    });
  }
}

async function expand(folder: string, patterns: string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const full = path.resolve(folder, pattern);
    const wanted = asExpression(path.basename(full));
    for (const name of await namesIn(path.dirname(full)))
      if (wanted.test(name)) found.add(path.join(path.dirname(full), name));
  }
  return [...found];
}

// A seed that is named and not there is no failure, as with the CLI: new projects name one before they have it.
async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.sort();
}

function asExpression(name: string): RegExp {
  const literal = name.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`);
}
