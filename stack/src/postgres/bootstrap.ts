import { readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { type LoginRole, loginRoles } from "../keys/keys.ts";
import { packageRoot } from "../package-root.ts";

/** The bootstrap's files in the order in which they run. */
const files = [
  "roles.sql",
  "auth.sql",
  "auth-unserved.sql",
  "auth-rights.sql",
  "rest.sql",
  "realtime.sql",
  "storage.sql",
  "storage-lists.sql",
  "storage-search.sql",
  "storage-rights.sql",
  "seal.sql",
];

/**
 * Makes an empty cluster what a hosted project's database is before its first migration.
 * @param url as the superuser
 */
export async function bootstrap(url: string, passwords: Record<LoginRole, string>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const file of files) {
      const sql = await readFile(path.join(packageRoot, "src", "postgres", "bootstrap", file), "utf8");
      await client.query(`begin;\n${sql}\ncommit;`).catch((cause: Error) => {
        throw new Error(`cannot prepare the database: ${file}: ${cause.message}`, { cause });
      });
    }
    await setPasswords(client, passwords);
  } finally {
    await client.end();
  }
}

async function setPasswords(client: pg.Client, passwords: Record<LoginRole, string>): Promise<void> {
  const statements = loginRoles.map(
    (role) =>
      `alter role ${client.escapeIdentifier(role)} password ${client.escapeLiteral(passwords[role])};`,
  );
  await client.query(statements.join("\n"));
}
