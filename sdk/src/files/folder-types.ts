import type { CallOptions, WriteOptions } from "../types.ts";

export interface Folder {
  id: string;
  parentId: string | null;
  /** Null where this device cannot open it. */
  name: string | null;
  /** Whether its name is sealed, as the SDK makes them: of another one the server knows it, and may have given it. */
  encrypted: boolean;
  /** 1 at the top. */
  depth: number;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
  version: number;
}

/** Folders of whoever is signed in: nobody else sees them, and the server does not know what they are called. */
export interface Folders {
  /**
   * Makes a folder, in another or at the top.
   *
   * @throws USAGE_INVALID, USAGE_DEPTH beyond ten, LIMIT_FOLDERS, USAGE_REFERENCE (the parent), CONFLICT_ID
   * @example
   * ```ts
   * const travels = await trackit.folders.create({ name: "Travels" });
   * const peru = await trackit.folders.create({ name: "Peru", parentId: travels.id });
   * ```
   */
  create(
    folder: { name: string; parentId?: string | null | undefined; id?: string | undefined },
    options?: CallOptions,
  ): Promise<Folder>;
  /**
   * All own folders; those in the trash when asked for.
   *
   * @throws NETWORK_ codes
   * @example
   * ```ts
   * const top = (await trackit.folders.list()).filter(({ parentId }) => parentId === null);
   * ```
   */
  list(filter?: { trash?: boolean | undefined }, options?: CallOptions): Promise<Folder[]>;
  /**
   * Changes name or parent.
   *
   * @throws USAGE_INVALID, USAGE_CYCLE, USAGE_DEPTH, USAGE_REFERENCE, CONFLICT_VERSION, ACCESS_NOT_FOUND
   * @example
   * ```ts
   * await trackit.folders.update(id, { name: "Journeys", parentId: null });
   * ```
   */
  update(
    id: string,
    patch: { name?: string | undefined; parentId?: string | null | undefined },
    options?: WriteOptions,
  ): Promise<Folder>;
  /**
   * Puts it into the trash with all in it.
   *
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION
   * @example
   * ```ts
   * await trackit.folders.remove(id);
   * ```
   */
  remove(id: string, options?: WriteOptions): Promise<Folder>;
  /**
   * Takes it out of the trash with all that went there with it.
   *
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION, LIMIT_FOLDERS, LIMIT_FILES
   * @example
   * ```ts
   * await trackit.folders.restore(id);
   * ```
   */
  restore(id: string, options?: WriteOptions): Promise<Folder>;
  /**
   * Erases a folder that is in the trash, and all in it.
   *
   * @returns how many files
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * for (const { id } of await trackit.folders.list({ trash: true })) await trackit.folders.purge(id);
   * ```
   */
  purge(id: string, options?: CallOptions): Promise<number>;
}
