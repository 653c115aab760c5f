import { type FileHandle, lstat, open } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Pack } from "tar-stream";

/** Adds a folder or file to an archive, as it is at this moment. */
export async function add(pack: Pack, root: string, name: string): Promise<void> {
  const full = path.join(root, name);
  const found = await lstat(full).catch(nullIfMissing);
  if (found?.isDirectory()) {
    pack.entry({ name, type: "directory", mode: 0o700 });
    return;
  }
  const handle = found && (await open(full).catch(nullIfMissing));
  // A table or log file may vanish between listing and opening; recovery does not need it then.
  if (!handle) return;
  try {
    const { size } = await handle.stat();
    await pipeline(Readable.from(exactly(handle, size)), pack.entry({ name, size, mode: 0o600 }));
  } finally {
    await handle.close();
  }
}

// A file that grows meanwhile is cut at its size, one that shrinks is filled up with zeros: recovery sets both
// right.
async function* exactly(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const chunk = Buffer.alloc(Math.min(size - at, 1 << 18));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    const given = bytesRead === 0 ? chunk : chunk.subarray(0, bytesRead);
    at += given.length;
    yield given;
  }
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
