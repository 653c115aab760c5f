import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StackEnv } from "../env.ts";
import { type Lock, lockName, takeLock } from "./lock.ts";
import { inPlainWords } from "./plain-words.ts";
import { removeState, writeState } from "./state.ts";
import { ephemeralPrefix, sweepEphemeral } from "./sweep.ts";

/** The folder that holds everything of one stack: keys, database, mail, logs, and what is running. */
export interface DataDirectory {
  path: string;
  ephemeral: boolean;
  file(name: string): string;
  /** Tells other commands where the running stack is. */
  announce(env: StackEnv): Promise<void>;
  /** Gives the folder back; an ephemeral one is removed. */
  release(): Promise<void>;
}

/**
 * Takes a data directory for this process; made 0700 when missing.
 * @param folder absolute path; null makes an ephemeral one
 * @throws AlreadyRunningError
 * @throws Error in plain words when it is read-only, full, no directory, or holds something else
 */
export async function takeDataDirectory(folder: string | null): Promise<DataDirectory> {
  try {
    const home = folder ?? (await makeEphemeral());
    await makePrivate(home);
    const lock = await takeLock(home);
    await removeState(home);
    return describe(home, folder === null, lock);
  } catch (error) {
    throw inPlainWords(error, folder ?? tmpdir());
  }
}

async function makeEphemeral(): Promise<string> {
  await sweepEphemeral();
  return mkdtemp(path.join(tmpdir(), ephemeralPrefix));
}

async function makePrivate(home: string): Promise<void> {
  // Folders above are made as everyone makes them: Postgres may run as another user and must pass through.
  await mkdir(path.dirname(home), { recursive: true });
  await mkdir(home, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST" || !(await stat(home)).isDirectory()) throw error;
    await refuseForeign(home);
  });
  if (((await stat(home)).mode & 0o077) !== 0) await chmod(home, 0o700);
}

// The folder becomes 0700, and as root it is given to Postgres' user: /home must not be named by accident.
async function refuseForeign(home: string): Promise<void> {
  const names = await readdir(home);
  const ours = names.some((name) => name === "keys.json" || name.startsWith("lock."));
  if (names.length === 0 || ours) return;
  throw new Error(
    `cannot use ${home} as data directory: it holds other things (${names.slice(0, 3).join(", ")}); ` +
      "name an empty or missing folder with --data DIR",
  );
}

/** Whether a folder is missing, empty, or holds nothing but the locks of starts that failed. */
export async function isVacant(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.every((name) => lockName.test(name));
}

function describe(home: string, ephemeral: boolean, lock: Lock): DataDirectory {
  return {
    path: home,
    ephemeral,
    file: (name) => path.join(home, name),
    announce: (env) => writeState(home, env),
    async release() {
      await removeState(home);
      await lock.release();
      if (ephemeral) await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
