import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a mailbox keeps its messages: a folder with one `.eml` file each, or nothing. */
export interface MailDisk {
  /** Every kept message, oldest first. */
  load(): Promise<KeptFile[]>;
  write(name: string, raw: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface KeptFile {
  id: string;
  received: Date;
  read: boolean;
  raw: Uint8Array;
}

const pattern = /^(\d{13})-(\d{6})-([1-9A-HJ-NP-Za-km-z]{22})(\.seen)?\.eml$/;

/** `1700000000000-000001-<id>.eml`: names sort by arrival, and `.seen` is the read flag, set by a rename. */
export function fileName(message: { id: string; received: Date; read: boolean }, sequence: number): string {
  const at = String(message.received.getTime()).padStart(13, "0");
  return `${at}-${String(sequence % 1_000_000).padStart(6, "0")}-${message.id}${message.read ? ".seen" : ""}.eml`;
}

/** Keeps messages in `folder` (made 0700); each file appears whole or not at all. */
export async function openDisk(folder: string): Promise<MailDisk> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    async load() {
      const names = (await readdir(folder)).sort();
      // A `.part` file is a write that a crash cut short: nobody was told that it had been delivered.
      await Promise.all(names.filter((name) => name.endsWith(".part")).map((name) => rm(join(folder, name))));
      const files = names.flatMap((name) => {
        const [, at, , id, seen] = pattern.exec(name) ?? [];
        return at && id ? [{ name, id, received: new Date(Number(at)), read: seen !== undefined }] : [];
      });
      return Promise.all(
        files.map(async ({ name, ...kept }) => ({ ...kept, raw: await readFile(join(folder, name)) })),
      );
    },
    async write(name, raw) {
      const part = join(folder, `${name}.part`);
      try {
        await writeFile(part, raw, { mode: 0o600, flush: true });
        await rename(part, join(folder, name));
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    rename: (from, to) => rename(join(folder, from), join(folder, to)),
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}

/** The disk of an ephemeral mailbox: remembers nothing. */
export const noDisk: MailDisk = {
  load: async () => [],
  write: async () => {},
  rename: async () => {},
  remove: async () => {},
};
