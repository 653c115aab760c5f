/** A file that was dropped, and the folders that it was dropped in, from the top. */
export interface Dropped {
  file: File;
  path: readonly string[];
}

/** The files of a drop, those in folders too. To be called while the event is under way: afterwards it is empty. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<Dropped[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...files].map((file) => ({ file, path: [] }));
  return (await Promise.all(entries.map((entry) => filesIn(entry, [])))).flat();
}

async function filesIn(entry: FileSystemEntry, path: readonly string[]): Promise<Dropped[]> {
  if (isFile(entry)) return [{ path, file: await new Promise<File>((done, fail) => entry.file(done, fail)) }];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: Dropped[] = [];
  // A reader gives a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await filesIn(one, [...path, entry.name])));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
