/** Where what is too large for memory is put until the browser has copied it. */
const FOLDER = "downloads";
/** What has been there for so many milliseconds was copied long ago. */
const STALE = 3_600_000;

type Target = WritableStream<Uint8Array<ArrayBuffer>>;

/**
 * Writes a file into the origin's private file system, and gives it back from there: memory holds a piece of it at a time.
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
  await write(await handle.createWritable());
  return new File([await handle.getFile()], name, { type });
}

async function newPlace(size: number): Promise<FileSystemFileHandle | null> {
  if (!("createWritable" in FileSystemFileHandle.prototype)) return null;
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  for await (const name of folder.keys())
    if (Date.now() - Number.parseInt(name, 10) > STALE) await folder.removeEntry(name).catch(() => undefined);
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  if (quota - usage < size) return null;
  return folder.getFileHandle(`${Date.now()}-${crypto.randomUUID()}`, { create: true });
}
