/** Where what is too large for memory is put until the browser has copied it. */
const FOLDER = "downloads";
/** What has been there for so many milliseconds was copied long ago. */
const STALE = 600_000;

type Target = WritableStream<Uint8Array<ArrayBuffer>>;

/**
 * Writes a file into the origin's private file system, and gives it back from there: memory holds a piece of it at a
 * time. It goes from there after ten minutes, or when the app is next opened.
 * @returns null where the browser has no such place, or no room in it
 */
export async function fileOnDisk(
  size: number,
  name: string,
  type: string,
  write: (target: Target) => Promise<unknown>,
): Promise<File | null> {
  const handle = await newPlace(size).catch(() => null);
  if (!handle) return null;
  setTimeout(() => void sweepDisk(), STALE + 1_000);
  try {
    await write(await handle.createWritable());
  } catch (error) {
    await (await folderOf()).removeEntry(handle.name).catch(() => undefined);
    throw error;
  }
  return new File([await handle.getFile()], name, { type });
}

/** Takes away what was left there: all of it that is older than so many milliseconds, and not being written. */
export async function sweepDisk(age = STALE): Promise<void> {
  try {
    const folder = await folderOf();
    for await (const name of folder.keys())
      if (Date.now() - Number.parseInt(name, 10) >= age)
        await folder.removeEntry(name).catch(() => undefined);
  } catch {
    // A browser without such a place has nothing in it.
  }
}

async function newPlace(size: number): Promise<FileSystemFileHandle | null> {
  if (!("createWritable" in FileSystemFileHandle.prototype)) return null;
  await sweepDisk();
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  if (quota - usage < size) return null;
  return (await folderOf()).getFileHandle(`${Date.now()}-${crypto.randomUUID()}`, { create: true });
}

async function folderOf(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}
