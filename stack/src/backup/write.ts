import { createWriteStream } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import pg from "pg";
import tar, { type Pack } from "tar-stream";
import { lockHolder, readRunning } from "../data-directory.ts";
import { loadKeys } from "../keys/keys.ts";
import { formatName, formatVersion } from "./format.ts";

const cluster = "postgres/cluster";

/** Left out always: what belongs to a process, not to the data. */
const passing = new Set([
  "lock",
  "state.json",
  "stack.log",
  "postgres/postgres.log",
  `${cluster}/postmaster.pid`,
]);

/** Left out of a running server's copy, as Postgres' documentation on file-system backups asks. */
const volatile =
  /^postgres\/cluster\/(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/.|\/pgsql_tmp/;

/**
 * Writes everything of a data directory into one gzipped tar file; the stack may be running meanwhile.
 * @param folder the data directory
 * @param file absolute path; written aside and renamed, so that a broken run leaves no half backup
 * @returns size of the file in bytes
 * @see https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export async function writeBackup(folder: string, file: string): Promise<number> {
  if ((await stat(path.join(folder, "keys.json")).catch(() => null)) === null)
    throw new Error(`cannot back up ${folder}: no stack has kept data there`);
  const running = await readRunning(folder);
  if (running === null && (await lockHolder(folder)) !== null)
    throw new Error(`cannot back up ${folder}: a stack is starting there; try again when it is up`);
  await mkdir(path.dirname(file), { recursive: true });
  const pack = tar.pack();
  const written = pipeline(
    pack,
    createGzip({ level: 4 }),
    createWriteStream(`${file}.part`, { mode: 0o600 }),
  );
  try {
    const created = new Date().toISOString();
    pack.entry({ name: formatName }, JSON.stringify({ version: formatVersion, postgres: 17, created }));
    await (running ? copyRunning(pack, folder, running.env.DB_URL) : copyStopped(pack, folder));
    pack.finalize();
    await written;
  } catch (error) {
    pack.destroy();
    await written.catch(() => {});
    await rm(`${file}.part`, { force: true });
    throw error;
  }
  await rename(`${file}.part`, file);
  return (await stat(file)).size;
}

async function copyStopped(pack: Pack, folder: string): Promise<void> {
  for await (const name of walk(folder)) if (!passing.has(name)) await add(pack, folder, name);
}

async function copyRunning(pack: Pack, folder: string, databaseUrl: string): Promise<void> {
  const client = await connect(folder, databaseUrl);
  try {
    // The slot keeps the server from recycling the log that the copy needs; it goes with the connection.
    await client.query("select pg_create_physical_replication_slot('trackit_backup', true, true)");
    await client.query("select pg_backup_start('trackit', fast => true)");
    for await (const name of walk(folder)) {
      if (!passing.has(name) && !volatile.test(name)) await add(pack, folder, name);
    }
    const { rows } = await client.query<{ labelfile: string }>(
      "select labelfile from pg_backup_stop(wait_for_archive => false)",
    );
    pack.entry({ name: `${cluster}/backup_label`, mode: 0o600 }, rows[0]?.labelfile ?? "");
    for await (const name of walk(folder, `${cluster}/pg_wal`)) await add(pack, folder, name);
  } finally {
    await client.end();
  }
}

async function connect(folder: string, databaseUrl: string): Promise<pg.Client> {
  const url = new URL(databaseUrl);
  const keys = await loadKeys(path.join(folder, "keys.json"));
  url.username = "supabase_admin";
  url.password = keys.databasePasswords.supabase_admin;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return client;
}

/** Every folder and file below, as paths relative to `root` with "/". */
async function* walk(root: string, below = ""): AsyncGenerator<string> {
  if (below !== "") yield below;
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, name);
    else if (entry.isFile()) yield name;
  }
}

async function add(pack: Pack, root: string, name: string): Promise<void> {
  const full = path.join(root, name);
  const found = await lstat(full).catch(() => null);
  if (found?.isDirectory()) {
    pack.entry({ name, type: "directory", mode: 0o700 });
    return;
  }
  const handle = found && (await open(full).catch(() => null));
  // A table or log file may vanish between listing and opening; recovery does not need it then.
  if (!handle) return;
  try {
    const { size } = await handle.stat();
    // A file that shrinks meanwhile is filled up with zeros: recovery truncates it again.
    await pipeline(Readable.from(readExactly(handle, size)), pack.entry({ name, size, mode: 0o600 }));
  } finally {
    await handle.close();
  }
}

async function* readExactly(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const chunk = Buffer.alloc(Math.min(size - at, 1 << 18));
    await handle.read(chunk, 0, chunk.length, at);
    at += chunk.length;
    yield chunk;
  }
}
