import { createWriteStream } from "node:fs";
import { chown, mkdir } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { Owner } from "../process/identity.ts";

/** A folder or file of an archive, as it is read. */
export interface Entry extends AsyncIterable<unknown> {
  header: { name: string; type?: string | null | undefined };
  resume(): unknown;
}

/**
 * Writes one entry of a backup: folders 0700, files 0600, those of the database owned by its user.
 * @param owner null when we are not root
 * @throws Error when the entry is neither a folder nor a file, is there already, or leads out of `into`
 */
export async function unpackEntry(entry: Entry, into: string, owner: Owner | null): Promise<void> {
  const { name, type } = entry.header;
  const target = path.join(into, name);
  if (!target.startsWith(into + path.sep) || name.split(/[\\/]/).includes(".."))
    throw new Error(`it names ${name}, which lies outside the data directory`);
  if (type !== "directory" && type !== "file")
    throw new Error(`it holds ${name} as a ${type}, want files and folders`);
  try {
    if (type === "directory") {
      entry.resume();
      await mkdir(target, { mode: 0o700 });
    } else await pipeline(entry, createWriteStream(target, { mode: 0o600, flags: "wx" }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Error(`it holds ${name} twice`);
  }
  const ofDatabase = name === "postgres" || name.startsWith("postgres/");
  if (owner && ofDatabase) await chown(target, owner.uid, owner.gid);
}
