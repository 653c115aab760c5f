import { invalid } from "../failure/invalid.ts";
import { uuid7 } from "../ids/uuid7.ts";
import type { CallOptions, WriteOptions } from "../types.ts";
import type { Desk } from "./desk.ts";
import type { Folder, Folders } from "./folder-types.ts";
import { checkId } from "./id.ts";
import { openText, sealText } from "./sealed-text.ts";
import type { FolderRow } from "./wire.ts";

const PAGE = 500;

export function foldersOn(desk: Desk): Folders {
  const change = async (id: string, changes: object, { version, signal }: WriteOptions, action: string) => {
    checkId(id, action);
    const args = { id, changes, ...(version === undefined ? {} : { version }) };
    return toFolder(desk, await desk.ask<FolderRow>("change_folder", args, action, signal), action);
  };
  return {
    create: async ({ name, parentId = null, id = uuid7() }, { signal } = {}) => {
      const action = "folders.create";
      checkId(id, action);
      const sealed = await sealName(desk, id, name, 1, action);
      const row = await desk.ask<FolderRow>(
        "create_folder",
        { id, parent: parentId, sealed },
        action,
        signal,
      );
      return toFolder(desk, row, action);
    },
    list: ({ trash = false } = {}, options = {}) => listFolders(desk, trash, options),
    update: async (id, { name, parentId }, options = {}) => {
      const action = "folders.update";
      const place = parentId === undefined ? {} : { parent_id: parentId };
      if (name === undefined) return change(id, place, options, action);
      const sealed = await sealName(desk, id, name, Date.now(), action);
      return change(id, { ...place, sealed }, options, action);
    },
    remove: (id, options = {}) => change(id, { trashed: true }, options, "folders.remove"),
    restore: (id, options = {}) => change(id, { trashed: false }, options, "folders.restore"),
    purge: async (id, { signal } = {}) => {
      checkId(id, "folders.purge");
      return desk.ask<number>("purge_folder", { id }, "folders.purge", signal);
    },
  };
}

async function listFolders(desk: Desk, trash: boolean, { signal }: CallOptions): Promise<Folder[]> {
  const action = "folders.list";
  const rows: FolderRow[] = [];
  for (let after: string | null = null; ; ) {
    const page: FolderRow[] = await desk.ask("folders_page", { after, limit: PAGE }, action, signal);
    rows.push(...page);
    after = page.at(-1)?.id ?? null;
    if (page.length < PAGE) break;
  }
  const wanted = rows.filter(({ deleted_at }) => (deleted_at !== null) === trash);
  return Promise.all(wanted.map((row) => toFolder(desk, row, action)));
}

/** The server sees a tree, and no name in it. */
async function sealName(
  desk: Desk,
  id: string,
  name: string,
  version: number,
  action: string,
): Promise<string> {
  const text = name.normalize("NFC").trim();
  if (text === "" || new TextEncoder().encode(text).length > 255)
    throw invalid(action, "name", name, "a name of 1 to 255 bytes");
  return sealText(desk, "folder", { id, text, version }, action);
}

async function toFolder(desk: Desk, row: FolderRow, action: string): Promise<Folder> {
  return {
    id: row.id,
    parentId: row.parent_id,
    name: row.sealed ? await openText(desk, "folder", { id: row.id, sealed: row.sealed }, action) : row.name,
    encrypted: row.sealed !== null,
    depth: row.depth,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    version: row.version,
  };
}
