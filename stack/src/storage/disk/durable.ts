import { copyFile, link, open } from "node:fs/promises";

/** Makes sure that what a folder lists outlives a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A second name for the same bytes, which nobody changes; a copy where the file system knows no second names. */
export async function copyAside(from: string, to: string, durable: boolean): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw error;
    await copyFile(from, to);
    if (durable) await syncFile(to);
  }
}

/** Makes sure that a file's bytes outlive a loss of power. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
