import type { Folder } from "@trackit/sdk";

/** A folder and those above it, from the top. */
export function pathTo(id: string | null, folders: readonly Folder[]): Folder[] {
  const path: Folder[] = [];
  let next = folders.find((folder) => folder.id === id);
  for (let depth = 0; next && depth <= folders.length; depth++) {
    path.unshift(next);
    const above: string | null = next.parentId;
    next = folders.find((folder) => folder.id === above);
  }
  return path;
}

/** Folders that were put into the trash as such, and not with one above them. */
export function topOf(folders: readonly Folder[]): Folder[] {
  const ids = new Set(folders.map(({ id }) => id));
  return folders.filter(({ parentId }) => parentId === null || !ids.has(parentId));
}
