import { link, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { birthOf } from "../process/running.ts";

/** The data directory is in use by a stack that is alive. */
export class AlreadyRunningError extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(
      `cannot use ${folder}: a stack is running there (process ${pid}); npx trackit-stack status shows its addresses, stop ends it`,
    );
    this.name = "AlreadyRunningError";
  }
}

export interface Lock {
  release(): Promise<void>;
}

/** The names of locks; also how a folder shows that it is a data directory of ours. */
export const lockName = /^lock\.(\d+)$/;

/**
 * Takes a folder for this process. The holder is whoever wrote the highest numbered `lock.N`; a free folder is
 * taken by adding the next number, which only one process can. Numbers never go down, so a process that was
 * suspended between looking and adding sees that it came too late.
 * @throws AlreadyRunningError
 */
export async function takeLock(folder: string): Promise<Lock> {
  for (;;) {
    const last = await newest(folder);
    const holder = await holderIn(folder, last);
    if (holder !== null) throw new AlreadyRunningError(folder, holder);
    const mine = path.join(folder, `lock.${last + 1}`);
    if (!(await add(mine))) continue;
    if ((await newest(folder)) === last + 1) {
      await removeBelow(folder, last + 1);
      // Emptied and not removed: its number must stay used.
      return { release: () => writeFile(mine, "").catch(ignoreMissing) };
    }
    await rm(mine, { force: true });
  }
}

/** The process that has taken a data directory and is alive, or null. */
export async function lockHolder(folder: string): Promise<number | null> {
  return holderIn(folder, await newest(folder));
}

// Written aside and linked: the lock appears with its content, or not at all.
async function add(name: string): Promise<boolean> {
  const aside = `${name}.${process.pid}-${crypto.randomUUID()}`;
  try {
    await writeFile(aside, `${process.pid} ${await birthOf(process.pid)}\n`, { mode: 0o600 });
    await link(aside, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function newest(folder: string): Promise<number> {
  return Math.max(0, ...(await numbers(folder)));
}

async function numbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.flatMap((name) => Number(lockName.exec(name)?.[1] ?? []));
}

async function removeBelow(folder: string, number: number): Promise<void> {
  for (const old of await numbers(folder))
    if (old < number) await rm(path.join(folder, `lock.${old}`), { force: true });
}

async function holderIn(folder: string, number: number): Promise<number | null> {
  const text = await readFile(path.join(folder, `lock.${number}`), "utf8").catch(() => "");
  const [id = "", ...birth] = text.trim().split(" ");
  const pid = Number(id);
  // Ids are reused: the process must also have been born when the lock's writer was.
  return pid > 0 && birth.length > 0 && birth.join(" ") === (await birthOf(pid)) ? pid : null;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
