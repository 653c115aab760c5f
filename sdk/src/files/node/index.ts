import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
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
 * whole, whatever was there before stays, and nothing else.
 */
export function fileTarget(file: string): WritableStream<Uint8Array<ArrayBuffer>> {
  const part = `${file}.${crypto.randomUUID()}.part`;
  let writing: Awaited<ReturnType<typeof open>> | null = null;
  return new WritableStream({
    start: async () => {
      writing = await open(part, "wx", 0o600);
    },
    write: async (bytes) => {
      for (let rest = bytes; rest.length > 0; ) {
        const { bytesWritten } = (await writing?.write(rest)) ?? { bytesWritten: 0 };
        rest = rest.subarray(bytesWritten);
      }
    },
    close: async () => {
      await writing?.sync();
      await writing?.close();
      await rename(part, file);
    },
    abort: async () => {
      await writing?.close();
      await rm(part, { force: true });
    },
  });
}
