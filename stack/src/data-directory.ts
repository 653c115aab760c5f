import { chmod, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StackEnv } from "./env.ts";
import { commandOf } from "./process/running.ts";

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

/** What a running stack has written of itself. */
export interface RunningStack {
  pid: number;
  env: StackEnv;
}

/** The data directory is in use by a stack that is alive. */
export class AlreadyRunningError extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(
      `cannot start on ${folder}: a stack is running there (process ${pid}); see trackit-stack status or stop`,
    );
    this.name = "AlreadyRunningError";
  }
}

/**
 * Takes a data directory for this process; made 0700 when missing.
 * @param folder absolute path; null makes an ephemeral one
 * @throws AlreadyRunningError
 * @throws Error in plain words when it is read-only, full or no directory
 */
export async function takeDataDirectory(folder: string | null): Promise<DataDirectory> {
  try {
    const home = folder ?? (await mkdtemp(path.join(tmpdir(), "trackit-")));
    await mkdir(home, { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
    await lock(home);
    return describe(home, folder === null);
  } catch (error) {
    throw inPlainWords(error, folder ?? tmpdir());
  }
}

/** What runs on a data directory, or null. */
export async function readRunning(folder: string): Promise<RunningStack | null> {
  const pid = await lockHolder(folder);
  if (pid === null) return null;
  const text = await readFile(path.join(folder, "state.json"), "utf8").catch(() => null);
  return text === null ? null : { pid, env: JSON.parse(text) as StackEnv };
}

/** The process that has taken a data directory and is alive, or null. */
export async function lockHolder(folder: string): Promise<number | null> {
  const text = await readFile(path.join(folder, "lock"), "utf8").catch(() => "");
  const [id, started] = text.trim().split(" ");
  const pid = Number(id);
  // Ids are reused after a reboot: the start time must be the same process' too.
  return pid && commandOf(pid) !== null && started === (await startTime(pid)) ? pid : null;
}

async function lock(home: string): Promise<void> {
  const name = path.join(home, "lock");
  const holder = await lockHolder(home);
  if (holder !== null) throw new AlreadyRunningError(home, holder);
  await rm(name, { force: true });
  const handle = await open(name, "wx", 0o600);
  await handle.writeFile(`${process.pid} ${await startTime(process.pid)}\n`);
  await handle.close();
}

/** The kernel's start time of a process where it tells (Linux); elsewhere "-", and the id alone decides. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
}

function describe(home: string, ephemeral: boolean): DataDirectory {
  const file = (name: string) => path.join(home, name);
  return {
    path: home,
    ephemeral,
    file,
    async announce(env) {
      await writeFile(file("state.json.new"), JSON.stringify(env), { mode: 0o600 });
      await rename(file("state.json.new"), file("state.json"));
    },
    async release() {
      await rm(file("state.json"), { force: true });
      await rm(file("lock"), { force: true });
      if (ephemeral) await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const reasons: Record<string, string> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "it is on a read-only file system",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "another start is taking it at this moment, or it is a file",
};

/** An error of the file system on the data directory, said so that its reader knows what to do. */
export function inPlainWords(error: unknown, folder: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException)?.code ?? ""];
  if (reason === undefined) return error;
  return new Error(`cannot use the data directory ${folder}: ${reason}; choose another with --data DIR`, {
    cause: error,
  });
}
