import { readdir } from "node:fs/promises";
import path from "node:path";

export const cluster = "postgres/cluster";
/** The bytes of Storage's objects. */
export const objects = "storage";

// What belongs to a process and not to the data: locks, state, logs, half-made files.
const passing = [
  /^lock\./,
  /^state\.json/,
  /^stack\.log/,
  // What Deno has compiled, and the log of functions.
  /^functions(\/|$)/,
  /^postgres\/(postgres\.log|cluster\.|password\.|\.s\.PGSQL)/,
  /^postgres\/cluster\/postmaster\.(pid|opts)$/,
  /\.(part|new)$/,
];

// Left out of a running server's copy, as Postgres' documentation on file-system backups asks.
const volatile = [
  /^postgres\/cluster\/pg_(wal|replslot|dynshmem|notify|serial|snapshots|stat_tmp|subtrans)\/./,
  /\/pgsql_tmp/,
  /\/pg_internal\.init/,
  // Copied last: every file that the database's rows name then is there, see write.ts.
  /^storage(\/|$)/,
];

/** Every folder and file of a data directory that a backup holds, as paths relative to it with "/". */
export async function* contents(root: string, { running }: { running: boolean }): AsyncGenerator<string> {
  const left = running ? [...passing, ...volatile] : passing;
  for await (const name of walk(root)) if (!left.some((pattern) => pattern.test(name))) yield name;
}

/** Every folder and file below, folders before what is in them. */
export async function* walk(root: string, below = ""): AsyncGenerator<string> {
  if (below !== "") yield below;
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch(ignoreMissing);
  for (const entry of entries) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, name);
    else if (entry.isFile()) yield name;
  }
}

// A folder may go while the server runs; one that may not be read must not be left out in silence.
function ignoreMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === "ENOENT") return [];
  throw error;
}
