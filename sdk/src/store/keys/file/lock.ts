import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { TrackItError } from "../../../errors.ts";
import { type Holder, isDead, self } from "./process.ts";

/** One process's right to a file, until it is released or its process ends. */
export interface FileLock {
  /** @throws CONFLICT_BUSY where somebody has removed it and it is no longer this process's. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock file at this path, also from a process that has ended.
 *
 * @throws CONFLICT_BUSY while another process, or this one, has it.
 */
export async function takeLock(path: string): Promise<FileLock> {
  const me = await self();
  const draft = `${path}.${me.nonce}`;
  // Whole, and on the disk, before it has its name: nobody ever reads half a lock, after a power cut neither.
  await writeFile(draft, JSON.stringify(me), { mode: 0o600, flag: "wx", flush: true });
  try {
    const other = await acquire(path, draft);
    if (other) throw busy(path, other);
  } finally {
    await rm(draft, { force: true });
  }
  const isMine = async () => (await holderOf(path))?.nonce === me.nonce;
  return {
    check: async () => {
      if (!(await isMine())) throw busy(path, await holderOf(path));
    },
    release: async () => {
      if (await isMine()) await rm(path, { force: true });
    },
  };
}

/**
 * Puts the draft at the path; answers who is in the way.
 *
 * A dead holder is succeeded by whoever takes the lock named after it. That name is taken once: its nonce never
 * comes again, and who takes it late, when it was taken and cleared, finds another holder at the path. So of many
 * that find the same dead holder one replaces it, and nobody ever removes a living one's lock.
 */
async function acquire(path: string, draft: string): Promise<Holder | null> {
  for (;;) {
    if (await linked(draft, path)) return null;
    const holder = await holderOf(path);
    if (!holder) continue;
    if (!(await isDead(holder))) return holder;
    const succession = `${path}-${holder.nonce}`;
    const other = await acquire(succession, draft);
    if (other) return other;
    const still = (await holderOf(path))?.nonce === holder.nonce;
    if (still) {
      await link(draft, `${draft}-`);
      await rename(`${draft}-`, path);
    }
    await rm(succession, { force: true });
    if (still) return null;
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (Reflect.get(Object(error), "code") === "EEXIST") return false;
    throw error;
  }
}

/** Null where nobody has it; a file that is no lock is held by somebody who is not known. */
async function holderOf(path: string): Promise<Holder | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const { pid, started, where, nonce } = JSON.parse(text) as Holder;
    if (typeof pid === "number" && /^[\w-]+$/.test(nonce)) return { pid, started, where, nonce };
  } catch {
    // As below.
  }
  return { pid: 0, started: "", where: "", nonce: "unknown" };
}

function busy(path: string, holder: Holder | null): TrackItError {
  const who = holder?.pid ? `process ${holder.pid}` : "somebody";
  return new TrackItError(
    "CONFLICT_BUSY",
    `fileKeystore: ${who} has the lock, wanted one process at a time`,
    {
      hint: `End the other one. If none is left (another machine, a container that is gone), delete ${path}`,
    },
  );
}
