import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import pg from "pg";
import tar, { type Pack } from "tar-stream";
import { takeDataDirectory } from "../data/directory.ts";
import { readRunning } from "../data/state.ts";
import { loadKeys } from "../keys/file.ts";
import { endOrphan } from "../postgres/orphan.ts";
import { asideOf, removeAbandoned } from "./aside.ts";
import { cluster, contents, objects, walk } from "./contents.ts";
import { formatName, formatVersion, postgresVersion } from "./format.ts";
import { add } from "./pack.ts";

/**
 * Writes everything of a data directory into one gzipped tar file (0600); the stack may be running meanwhile.
 * @param folder the data directory
 * @param file absolute path; written aside and renamed, so that a broken run leaves no half backup
 * @returns size of the file in bytes
 */
export async function writeBackup(folder: string, file: string): Promise<number> {
  if ((await stat(path.join(folder, "keys.json")).catch(() => null)) === null)
    throw new Error(`cannot back up ${folder}: no stack has kept data there`);
  if (`${file}${path.sep}`.startsWith(folder + path.sep))
    throw new Error(`cannot write the backup to ${file}: it is in the data directory; name a file outside`);
  const running = await readRunning(folder);
  if (running && !running.env)
    throw new Error(`cannot back up ${folder}: a stack is starting there; try again when it is up`);
  await mkdir(path.dirname(file), { recursive: true });
  await removeAbandoned(file);
  const aside = asideOf(file);
  try {
    const copy = running?.env ? copyRunning(folder, running.env.DB_URL) : copyStopped(folder);
    await archive(aside, copy);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  return (await stat(file)).size;
}

type Copy = (pack: Pack) => Promise<void>;

async function archive(file: string, copy: Copy): Promise<void> {
  const pack = tar.pack();
  const written = pipeline(
    pack,
    createGzip({ level: 4 }),
    createWriteStream(file, { mode: 0o600, flush: true }),
  );
  // Awaited below; a full disk ends the copy too, which is what is reported.
  written.catch((error: Error) => pack.destroy(error));
  try {
    const created = new Date().toISOString();
    const head = { version: formatVersion, postgres: postgresVersion, created };
    pack.entry({ name: formatName }, JSON.stringify(head));
    await copy(pack);
    pack.finalize();
  } catch (error) {
    pack.destroy();
    // What the file failed with is the cause of what the copy failed with.
    await written;
    throw error;
  }
  await written;
}

/** The copy of a data directory that is taken meanwhile, so that nothing starts there. */
function copyStopped(folder: string): Copy {
  return async (pack) => {
    const directory = await takeDataDirectory(folder);
    try {
      await endOrphan(directory.file(cluster));
      for await (const name of contents(folder, { running: false })) await add(pack, folder, name);
    } finally {
      await directory.release();
    }
  };
}

/**
 * The copy of a running server's files, with the log that makes one point in time of them.
 * @see https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
function copyRunning(folder: string, databaseUrl: string): Copy {
  return async (pack) => {
    const client = await connect(folder, databaseUrl);
    try {
      await reserveLog(client);
      await client.query("select pg_backup_start('trackit', fast => true)");
      for await (const name of contents(folder, { running: true })) await add(pack, folder, name);
      const { rows } = await client.query<{ labelfile: string }>(
        "select labelfile from pg_backup_stop(wait_for_archive => false)",
      );
      pack.entry({ name: `${cluster}/backup_label`, mode: 0o600 }, rows[0]?.labelfile ?? "");
      // The folder itself is among the contents.
      const log = `${cluster}/pg_wal`;
      for await (const name of walk(folder, log)) if (name !== log) await add(pack, folder, name);
      await checkLog(client);
      // After the moment that the database is copied at, and before the slot goes: as long as it is there, Storage
      // removes no file, so that whatever a row of that moment names can still be read.
      for await (const name of walk(folder, objects)) await add(pack, folder, name);
    } finally {
      await client.end();
    }
  };
}

const slot = "trackit_backup";

// The slot keeps the server from recycling the log that the copy needs; it goes with the connection.
async function reserveLog(client: pg.Client): Promise<void> {
  await client.query(`select pg_create_physical_replication_slot('${slot}', true, true)`).catch((error) => {
    if (error.code !== "42710") throw error;
    throw new Error("cannot back up: another backup of this stack is running; wait for its end", {
      cause: error,
    });
  });
}

async function checkLog(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ wal_status: string }>(
    `select wal_status from pg_replication_slots where slot_name = '${slot}'`,
  );
  const state = rows[0]?.wal_status;
  if (state === "reserved" || state === "extended") return;
  throw new Error(
    "cannot back up: more was written meanwhile than the server keeps; try again, or stop it first",
  );
}

async function connect(folder: string, databaseUrl: string): Promise<pg.Client> {
  const url = new URL(databaseUrl);
  const keys = await loadKeys(path.join(folder, "keys.json"), { mayMake: false });
  url.username = "supabase_admin";
  url.password = keys.databasePasswords.supabase_admin;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return client;
}
