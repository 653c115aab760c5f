import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { invalid } from "../../failure/invalid.ts";

/** A file on the disk, for `files.upload`. */
export interface DiskSource {
  /** Without its folder. */
  name: string;
  size: number;
  stream(): AsyncIterable<Uint8Array>;
}

/**
 * A file on the disk as what `files.upload` sends: read piece by piece, and again from its beginning by `files.resume`.
 *
 * @throws USAGE_INVALID where there is no such file
 * @example
 * ```ts
 * import { fileSource, fileTarget } from "@trackit/sdk/node";
 *
 * const file = await trackit.files.upload(await fileSource("holiday.mp4"));
 * await trackit.files.save(file, fileTarget("copy.mp4"));
 * ```
 */
export async function fileSource(file: string): Promise<DiskSource> {
  const facts = await stat(file).catch(() => null);
  if (!facts?.isFile()) throw invalid("fileSource", "file", file, "the path of a file that is there");
  return { name: path.basename(file), size: facts.size, stream: () => createReadStream(file) };
}

/**
 * Where `files.save` writes a file to. It stands under its name once it is whole: until then, and where it does not come
 * whole or cannot be written, whatever was there before stays, and nothing else.
 */
export function fileTarget(file: string): WritableStream<Uint8Array<ArrayBuffer>> {
  const part = `${file}.${crypto.randomUUID()}.part`;
  let writing: FileHandle;
  const drop = async (): Promise<void> => {
    await writing.close().catch(() => {}); // Closed already: what counts is that nothing stays.
    await rm(part, { force: true });
  };
  /** A stream that fails by itself is not aborted: what it leaves has to go here. */
  const orDrop = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      await drop().catch(() => {}); // The first cause counts.
      throw error;
    }
  };
  return new WritableStream({
    start: async () => {
      writing = await open(part, "wx", 0o600);
    },
    write: (bytes) => orDrop(() => writing.writeFile(bytes)),
    close: () =>
      orDrop(async () => {
        await writing.sync();
        await writing.close();
        await rename(part, file);
      }),
    abort: drop,
  });
}
