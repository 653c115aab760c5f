import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { tooLarge } from "../errors.ts";

/** What has been written. */
export interface Received {
  /** Bytes. */
  size: number;
  /** Hex. */
  md5: string;
}

/** Bytes that are gathered before they are written: one call to the disk for several chunks of the network. */
const batchSize = 512 * 1024;

/**
 * Writes a stream into a new file, in flat memory, and hashes it on the way.
 * @param limit in bytes; what comes after it is not read
 * @param durable waits until the disk has it
 * @throws StorageError EntityTooLarge
 */
export async function receive(
  source: AsyncIterable<Uint8Array>,
  file: string,
  { limit, durable }: { limit: number; durable: boolean },
): Promise<Received> {
  const hash = createHash("md5");
  const handle = await open(file, "wx", 0o600);
  try {
    const size = await writeAll(source, handle, limit, (chunk) => hash.update(chunk));
    if (durable) await handle.sync();
    return { size, md5: hash.digest("hex") };
  } finally {
    await handle.close();
  }
}

async function writeAll(
  source: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  limit: number,
  seen: (chunk: Uint8Array) => void,
): Promise<number> {
  let size = 0;
  let waiting = 0;
  let batch: Uint8Array[] = [];
  for await (const chunk of source) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    seen(chunk);
    batch.push(chunk);
    waiting += chunk.length;
    if (waiting < batchSize) continue;
    await writeBatch(handle, batch, waiting);
    batch = [];
    waiting = 0;
  }
  if (waiting > 0) await writeBatch(handle, batch, waiting);
  return size;
}

/** The system may take less than it was given, as on a disk that is nearly full. */
async function writeBatch(handle: FileHandle, batch: Uint8Array[], length: number): Promise<void> {
  const { bytesWritten } = await handle.writev(batch);
  if (bytesWritten === length) return;
  const rest = Buffer.concat(batch).subarray(bytesWritten);
  await handle.writeFile(rest);
}
