import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { packageRoot } from "../../package-root.ts";

/**
 * Gives `supabase_realtime_admin` a password that lives as long as this process, and makes it a login. Realtime
 * needs no superuser: it owns its tables, may become each API role, and may replicate.
 * @param adminUrl as the superuser
 * @returns the URL to connect with
 */
export async function openLogin(adminUrl: string): Promise<string> {
  const password = randomBytes(24).toString("base64url");
  const client = new pg.Client({ connectionString: adminUrl, application_name: "realtime" });
  await client.connect();
  try {
    await addObjects(client);
    await client.query("select realtime.keep_partitions()");
    // Types of the project are in its own schemas. Whoever may replicate can read all of it anyway.
    await client.query("grant pg_read_all_data to supabase_realtime_admin with inherit true");
    await client.query(`alter role supabase_realtime_admin login password '${password}'`);
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.username = "supabase_realtime_admin";
  url.password = password;
  return url.href;
}

/** A database that was made before the stack had Realtime gets what the bootstrap makes now. */
async function addObjects(client: pg.Client): Promise<void> {
  const { rows } = await client.query("select to_regclass('realtime.messages') is null as missing");
  if (!rows[0]?.missing) {
    await client.query(newColumns);
    return;
  }
  const file = path.join(packageRoot, "src", "postgres", "bootstrap", "realtime.sql");
  const sql = await readFile(file, "utf8");
  const create = "create on schema realtime";
  await client.query(
    `begin;\ngrant ${create} to supabase_realtime_admin;\n${sql}\nrevoke ${create} from supabase_realtime_admin;\ncommit;`,
  );
}

/** Of one that had Realtime before clients could have their broadcasts stored. */
const newColumns = `
  do $$ begin
    if not exists (select from pg_attribute
                   where attrelid = 'realtime.messages'::regclass and attname = 'skip_broadcast') then
      alter table realtime.messages
        add column skip_broadcast boolean not null default false,
        add column expires_at timestamp without time zone;
    end if;
  end $$`;
