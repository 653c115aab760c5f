import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../../part.ts";
import type { Database } from "../database/database.ts";
import type { Versions } from "./versions.ts";

/** Resumable uploads that nobody has finished within this time are given up. */
export const uploadLifetimeHours = 24;

/** How often files without a row are looked for, and how old they are at least while the stack runs. */
const interval = 10 * 60_000;
const grace = 60_000;

/** Versions that are asked about at once. */
const batchSize = 1000;

export interface Sweep {
  /** @param age milliseconds that a file must have been left alone for */
  run(age?: number): Promise<number>;
  stop(): Promise<void>;
}

interface Needs {
  database: Database;
  versions: Versions;
  log: Log;
}

/**
 * Removes what crashes, refusals and lost connections have left: files that no row names, and uploads that have
 * expired. Runs now, for nothing is under way at a start, and from time to time.
 */
export function startSweep(needs: Needs): Sweep {
  const { log } = needs;
  let under: Promise<number> = Promise.resolve(0);
  const run = (age = grace) => {
    under = under
      .then(() => sweep(needs, age))
      .catch((error: Error) => {
        log.warn("storage.sweep_failed", { error: error.name });
        return 0;
      });
    return under;
  };
  run(0);
  const timer = setInterval(run, interval);
  timer.unref();
  return {
    run,
    async stop() {
      clearInterval(timer);
      await under;
    },
  };
}

async function sweep(needs: Needs, age: number): Promise<number> {
  const { database, versions, log } = needs;
  await database.as(null, "storage.sweep", (tx) =>
    tx.rows(
      "delete from storage.s3_multipart_uploads where created_at < now() - make_interval(hours => $1)",
      [uploadLifetimeHours],
    ),
  );
  let removed = 0;
  for (const shard of await list(versions.folder)) {
    const names = await list(path.join(versions.folder, shard));
    for (let at = 0; at < names.length; at += batchSize)
      removed += await sweepBatch(needs, names.slice(at, at + batchSize), age);
  }
  if (removed > 0) log.info("storage.swept", { files: removed });
  return removed;
}

async function sweepBatch({ database, versions }: Needs, names: string[], age: number): Promise<number> {
  const idle: string[] = [];
  for (const name of names) if (await isIdle(versions, name, age)) idle.push(name);
  if (idle.length === 0) return 0;
  const known = await database.rows<{ version: string }>(
    `select version from storage.objects where version = any($1)
     union all select version from storage.s3_multipart_uploads where version = any($1)`,
    [idle],
  );
  if ((await database.rows(backupUnderWay)).length > 0) return 0;
  const named = new Set(known.map(({ version }) => version));
  const orphans = idle.filter((name) => !named.has(name) && !versions.isDraft(name));
  for (const name of orphans) {
    const file = versions.pathOf(name);
    if (file) await rm(file, { force: true });
  }
  return orphans.length;
}

/** A backup reads the files after the database: what that names must still be there. See src/backup. */
export const backupUnderWay = "select from pg_replication_slots where slot_name = 'trackit_backup'";

// Asked before the rows are: whatever has become a row since then was a draft at this moment, or is young.
async function isIdle(versions: Versions, name: string, age: number): Promise<boolean> {
  const file = versions.pathOf(name);
  if (file === null || versions.isDraft(name)) return false;
  const found = await stat(file).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs >= age;
}

const list = (folder: string) =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
