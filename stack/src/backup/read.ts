import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import tar from "tar-stream";
import { isVacant } from "../data/directory.ts";
import { AlreadyRunningError, lockHolder } from "../data/lock.ts";
import { inPlainWords } from "../data/plain-words.ts";
import { postgresOwner } from "../process/identity.ts";
import { asideOf, removeAbandoned } from "./aside.ts";
import { formatName, formatVersion, postgresVersion } from "./format.ts";
import { type Entry, unpackEntry } from "./unpack.ts";

/**
 * Unpacks a backup into a data directory that is empty or missing. It is unpacked aside and renamed: a broken or
 * foreign file changes nothing.
 * @throws Error when the directory holds data, or the file is no backup of a version that this stack knows
 */
export async function readBackup(file: string, folder: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new Error(`cannot restore ${file}: there is no such file`);
  const pid = await lockHolder(folder);
  if (pid !== null) throw new AlreadyRunningError(folder, pid);
  if (!(await isVacant(folder).catch(() => false)))
    throw new Error(`cannot restore into ${folder}: it is not an empty folder; name another with --data DIR`);
  const aside = asideOf(folder);
  try {
    await mkdir(path.dirname(aside), { recursive: true });
    await removeAbandoned(folder);
    await mkdir(aside, { mode: 0o700 });
    await unpack(file, aside);
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
  } catch (cause) {
    await rm(aside, { recursive: true, force: true });
    const plain = inPlainWords(cause, aside, folder);
    throw plain === cause ? new Error(`cannot restore ${file}: ${words(cause)}`, { cause }) : plain;
  }
}

async function unpack(file: string, into: string): Promise<void> {
  const owner = postgresOwner();
  const extract = tar.extract();
  const reading = pipeline(createReadStream(file), createGunzip(), extract);
  // Reported by the loop below; without this a broken file would also count as unhandled.
  reading.catch(() => {});
  let known = false;
  let keys = false;
  for await (const entry of extract) {
    if (known) await unpackEntry(entry, into, owner);
    else await checkFormat(entry);
    known = true;
    keys ||= entry.header.name === "keys.json";
  }
  await reading;
  if (!keys) throw new Error(known ? "it has no keys" : "it is empty");
}

async function checkFormat(entry: Entry): Promise<void> {
  if (entry.header.name !== formatName) throw new Error("it was not written by trackit-stack backup");
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  const { version, postgres } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
  if (version !== formatVersion) throw new Error(`it has format ${version}, want ${formatVersion}`);
  if (postgres !== postgresVersion) throw new Error(`it is of Postgres ${postgres}, want ${postgresVersion}`);
}

function words(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "Z_BUF_ERROR") return "it ends too early";
  return code?.startsWith("Z_") ? "it is no gzipped file, or damaged" : message;
}
