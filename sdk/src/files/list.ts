import { isTrackItError } from "../errors.ts";
import { decodeCursor, encodeCursor } from "../paging/cursor.ts";
import { listing } from "../paging/listing.ts";
import type { Listing, ListOptions, Page } from "../types.ts";
import type { Desk } from "./desk.ts";
import { toFile } from "./shape.ts";
import type { FileFilter, SharedFile, StoredFile } from "./types.ts";
import type { FileRow } from "./wire.ts";

/** Where a page of a list begins, for the database. */
type PlaceInList = { before: string | null; before_id: string | null; limit: number };

/** A page by time and id, newest first. */
export async function readPage<Row, Out>(
  { order, after, limit, action }: { order: string; after: string | null; limit: number; action: string },
  read: (place: PlaceInList) => Promise<Row[]>,
  at: (row: Row) => { value: string; id: string },
  show: (row: Row) => Promise<Out>,
): Promise<Page<Out>> {
  const cursor = after === null ? null : decodeCursor(order, after, action);
  const rows = await read({
    before: cursor && String(cursor.value),
    before_id: cursor?.id ?? null,
    limit,
  });
  const last = rows.at(-1);
  const next = last && rows.length === limit ? encodeCursor(order, at(last)) : null;
  return { rows: await Promise.all(rows.map(show)), next };
}

/** @param ready Waited for before anything is read. */
export function listFiles(
  desk: Desk,
  { folderId, trash = false, attachments = false }: FileFilter,
  options: ListOptions,
  ready: () => Promise<void>,
): Listing<StoredFile> {
  const action = "files.list";
  const elsewhere = trash ? "trash" : attachments && "attachments";
  const scope = elsewhere || (folderId === undefined ? "all" : "folder");
  return listing(
    async (after, limit, signal) => {
      await ready().catch(() => {}); // What does not open says so by itself.
      return readPage<FileRow, StoredFile>(
        { order: `files.${scope}`, after, limit, action },
        (place) => desk.ask("files_page", { scope, folder: folderId ?? null, ...place }, action, signal),
        (row) => ({ value: (trash ? row.deleted_at : row.created_at) ?? row.created_at, id: row.id }),
        (row) => toFile(desk, row, action),
      );
    },
    options,
    action,
  );
}

/** The server knows no name: pages are read and looked through here. */
export function searchFiles(
  desk: Desk,
  words: string,
  options: ListOptions,
  ready: () => Promise<void>,
): Listing<StoredFile> {
  // Names are kept composed; some keyboards write an accent as a letter of its own.
  const wanted = words.normalize("NFC").toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const all = listFiles(desk, {}, options, ready);
  const found = ({ name }: StoredFile): boolean =>
    wanted.every((word) => name?.toLocaleLowerCase().includes(word) ?? false);
  return listing(
    async (after, limit, signal) => {
      const page = await all.page({ after, limit, signal });
      return { rows: page.rows.filter(found), next: page.next };
    },
    options,
    "files.search",
  );
}

interface SharedRow {
  share_id: string;
  shared_at: string;
  owner: { id: string; username: string };
  file: FileRow;
}

/** Under the names that their owners have signed; the server's word counts for whoever has no keys yet. */
async function signed(desk: Desk, rows: SharedRow[], action: string): Promise<SharedRow[]> {
  try {
    const { directory } = await desk.keys.core(action);
    const logs = await directory.presentOf([...new Set(rows.map(({ owner }) => owner.id))], action);
    return await Promise.all(
      rows.map(async (row) => {
        const log = logs.get(row.owner.id);
        const username = log && (await directory.name(log.user, log.root));
        return username ? { ...row, owner: { ...row.owner, username } } : row;
      }),
    );
  } catch (error) {
    if (isTrackItError(error, "CRYPTO_DEVICE")) return rows; // A list is shown on every device.
    throw error;
  }
}

export function listShared(
  desk: Desk,
  options: ListOptions,
  learn: (row: FileRow) => Promise<void>,
): Listing<SharedFile> {
  const action = "files.shared";
  return listing(
    (after, limit, signal) =>
      readPage<SharedRow, SharedFile>(
        { order: action, after, limit, action },
        async (place) => signed(desk, await desk.ask("shared_with_me", place, action, signal), action),
        (row) => ({ value: row.shared_at, id: row.share_id }),
        async ({ shared_at, owner: { id, username }, file }) => {
          await learn(file);
          return Object.assign(await toFile(desk, file, action), {
            sharedAt: shared_at,
            owner: { id, username },
          });
        },
      ),
    options,
    action,
  );
}
