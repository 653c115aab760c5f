import { chownSync, createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import tar from "tar-stream";
import { postgresOwner } from "../process/identity.ts";
import { formatName, formatVersion } from "./format.ts";

/**
 * Unpacks a backup into a data directory that is empty or missing. It is unpacked aside and renamed: a broken or
 * foreign file changes nothing.
 * @throws Error when the directory holds data, or the file is no backup of a version that this stack knows
 */
export async function readBackup(file: string, folder: string): Promise<void> {
  const held = await readdir(folder).catch(() => []);
  if (held.length > 0)
    throw new Error(`cannot restore into ${folder}: it is not empty; name another with --data DIR`);
  if ((await stat(file).catch(() => null)) === null)
    throw new Error(`cannot restore ${file}: there is no such file`);
  const aside = `${folder}.restoring`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  try {
    await unpack(file, aside);
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
  } catch (cause) {
    await rm(aside, { recursive: true, force: true });
    throw new Error(`cannot restore ${file}: ${(cause as Error).message}`, { cause });
  }
}

async function unpack(file: string, into: string): Promise<void> {
  const owner = postgresOwner();
  const extract = tar.extract();
  const reading = pipeline(createReadStream(file), createGunzip(), extract);
  // Reported by the loop below; without this a broken file would also count as unhandled.
  reading.catch(() => {});
  let known = false;
  for await (const entry of extract) {
    const { name, type } = entry.header;
    if (!known) {
      await checkFormat(name, entry);
      known = true;
      continue;
    }
    const target = path.join(into, name);
    if (!target.startsWith(into + path.sep)) throw new Error(`it names ${name}, outside the data directory`);
    if (type === "directory") {
      await mkdir(target, { recursive: true, mode: 0o700 });
      entry.resume();
    } else {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      await pipeline(entry, createWriteStream(target, { mode: 0o600 }));
      await chmod(target, 0o600);
    }
    if (owner && name.startsWith("postgres")) chownSync(target, owner.uid, owner.gid);
  }
  await reading;
  if (!known) throw new Error("it is empty");
}

async function checkFormat(name: string, entry: AsyncIterable<unknown>): Promise<void> {
  if (name !== formatName) throw new Error("it was not written by trackit-stack backup");
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  const { version } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { version?: number };
  if (version !== formatVersion) throw new Error(`it has format ${version}, want ${formatVersion}`);
}
