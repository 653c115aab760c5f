import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { TrackItError } from "../../../errors.ts";
import { damaged } from "./header.ts";

/** Everything on a device is small; what is larger was not written here. */
const MOST_BYTES = 2 ** 28;
const OWNER_ONLY = 0o600;

/** Which file stands at a path, to notice another one in its place. */
export type Identity = string;

/**
 * The whole file, and which one it is; null where there is none.
 *
 * @throws USAGE_STORAGE where others than its owner may read or write it.
 */
export async function readWhole(file: string): Promise<{ bytes: Uint8Array; identity: Identity } | null> {
  const handle = await open(file, "r").catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return null;
    throw refused(file, "cannot be opened", cause);
  });
  if (!handle) return null;
  try {
    return { bytes: await privately(file, handle), identity: identityOf(await handle.stat()) };
  } finally {
    await handle.close();
  }
}

async function privately(file: string, handle: FileHandle): Promise<Uint8Array> {
  const { mode, size, uid } = await handle.stat();
  // Windows has no such bits: there a profile's folder is its user's.
  const own = process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0);
  if (!own) {
    throw new TrackItError(
      "USAGE_STORAGE",
      `fileKeystore: ${file} has mode ${(mode & 0o777).toString(8)} and owner ${uid}, wanted 600 and its own user`,
      { hint: `chmod 600 ${file}; whoever could read it may have a copy of what the passphrase protects` },
    );
  }
  if (size > MOST_BYTES) throw damaged();
  return handle.readFile();
}

/**
 * Puts these bytes at the path, all or nothing: written beside, brought to the disk, and renamed. When it resolves
 * the change outlives a power cut.
 */
export async function replaceWhole(file: string, bytes: Uint8Array): Promise<Identity> {
  const beside = `${file}.new`;
  try {
    // What a process that was killed has left half written.
    await rm(beside, { force: true });
    const identity = await writeOut(beside, bytes);
    await rename(beside, file);
    await syncFolder(path.dirname(file));
    return identity;
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {});
    if (codeOf(cause) === "ENOSPC" || codeOf(cause) === "EDQUOT") {
      throw new TrackItError("LIMIT_STORAGE", `fileKeystore: no room left for ${file}`, { cause });
    }
    throw refused(file, "cannot be written", cause);
  }
}

/** @returns the identity of the file that stands there now; null where there is none. */
export async function identityAt(file: string): Promise<Identity | null> {
  return stat(file).then(identityOf, () => null);
}

export async function removeWhole(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(path.dirname(file));
}

/** Makes the folder, for its owner alone, where it is missing. */
export async function makeFolder(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw refused(file, "has no folder", cause);
  });
}

async function writeOut(file: string, bytes: Uint8Array): Promise<Identity> {
  const handle = await open(file, "wx", OWNER_ONLY);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    return identityOf(await handle.stat());
  } finally {
    await handle.close();
  }
}

/** A name is on the disk when its folder is; Windows cannot open folders and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function identityOf({
  dev,
  ino,
  size,
  mtimeMs,
}: {
  dev: number;
  ino: number;
  size: number;
  mtimeMs: number;
}) {
  return [dev, ino, size, mtimeMs].join(" ");
}

function refused(file: string, what: string, cause: unknown): TrackItError {
  return new TrackItError("USAGE_STORAGE", `fileKeystore: ${file} ${what}`, { cause });
}

function codeOf(error: unknown): unknown {
  return Reflect.get(Object(error), "code");
}
