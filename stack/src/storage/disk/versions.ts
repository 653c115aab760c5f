import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import { copyAside, syncFolder } from "./durable.ts";
import { type Received, receive } from "./receive.ts";

/** Bytes on their way to becoming an object: nobody sweeps them until they are kept or discarded. */
export interface Draft {
  version: string;
  /**
   * Writes the bytes to disk, all the way.
   * @param limit in bytes
   * @throws StorageError EntityTooLarge
   */
  write(source: AsyncIterable<Uint8Array>, limit: number): Promise<Received>;
  /** The same bytes as another version, which stays. */
  copyOf(version: string): Promise<void>;
  /** A row names it now, or may: from here on the sweep decides. */
  keep(): void;
  discard(): Promise<void>;
}

/** The files under which objects' bytes lie: one per version, named by its id, never changed once it is whole. */
export interface Versions {
  readonly folder: string;
  draft(): Draft;
  /** @returns null where it is no id that we could have made */
  pathOf(version: string): string | null;
  /** @returns null where there is no such file (any more) */
  open(version: string): Promise<FileHandle | null>;
  isDraft(version: string): boolean;
  /** Keeps the sweep away from one that grows in parts, as long as `work` lasts. */
  pinned<T>(version: string, work: () => Promise<T>): Promise<T>;
  /** Removes files that no row names any more. What cannot be removed now is left to the sweep. */
  remove(versions: readonly (string | null)[]): Promise<void>;
}

export interface VersionsOptions {
  folder: string;
  /** False where nothing outlives the process. */
  durable: boolean;
  /** Whether files may go at the moment: a backup under way may still want them. */
  mayRemove(): Promise<boolean>;
}

const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createVersions({ folder, durable, mayRemove }: VersionsOptions): Versions {
  const drafts = new Map<string, number>();
  const shards = new Set<string>();
  const pin = (version: string, by: 1 | -1) => {
    const count = (drafts.get(version) ?? 0) + by;
    if (count > 0) drafts.set(version, count);
    else drafts.delete(version);
  };
  const pathOf = (version: string) =>
    id.test(version) ? path.join(folder, version.slice(0, 2), version) : null;
  const shardOf = async (file: string) => {
    const shard = path.dirname(file);
    if (!shards.has(shard)) {
      await mkdir(shard, { recursive: true, mode: 0o700 });
      if (durable) await syncFolder(folder);
      shards.add(shard);
    }
    return shard;
  };

  return {
    folder,
    pathOf,
    isDraft: (version) => drafts.has(version),

    draft() {
      const version = randomUUID();
      const file = pathOf(version) as string;
      pin(version, 1);
      return {
        version,
        async write(source, limit) {
          const shard = await shardOf(file);
          const received = await receive(source, file, { limit, durable });
          if (durable) await syncFolder(shard);
          return received;
        },
        async copyOf(other) {
          const from = pathOf(other);
          if (from === null) throw new Error("Copying an object failed: its version is no id");
          const shard = await shardOf(file);
          await copyAside(from, file, durable);
          if (durable) await syncFolder(shard);
        },
        keep: () => pin(version, -1),
        async discard() {
          await rm(file, { force: true }).catch(() => {});
          pin(version, -1);
        },
      };
    },

    async open(version) {
      const file = pathOf(version);
      if (file === null) return null;
      return await open(file, "r").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
    },

    async pinned(version, work) {
      pin(version, 1);
      try {
        return await work();
      } finally {
        pin(version, -1);
      }
    },

    async remove(versions) {
      const files = versions.flatMap((version) => (version && pathOf(version)) || []);
      if (files.length === 0 || !(await mayRemove().catch(() => false))) return;
      for (const file of files) await rm(file, { force: true }).catch(() => {});
    },
  };
}
