import type { ChatKeys } from "../chat/index.ts";
import type { Connection } from "../connect.ts";
import { deskOn } from "../files/desk.ts";
import { checkId } from "../files/id.ts";
import { readPage } from "../files/list.ts";
import { listing } from "../paging/listing.ts";
import { briefly } from "../retry/again.ts";
import type { Listing, ListOptions, WriteOptions } from "../types.ts";
import { createShare, peopleOf, shareWith } from "./create.ts";
import { lookAt, openShare } from "./open.ts";
import { type EventRow, type ShareRow, toEvent, toShare } from "./shape.ts";
import { endOf } from "./times.ts";
import type { Share, ShareEvent, SharePatch, Shares } from "./types.ts";

/** Everything of links and sharing that is not in the entry. */
export function makeShares(connection: Connection, keys: ChatKeys): Shares {
  const desk = deskOn(connection, keys);

  async function update(id: string, patch: SharePatch, { version, signal }: WriteOptions): Promise<Share> {
    const action = "shares.update";
    checkId(id, action);
    const end = endOf(patch, action);
    const changes = {
      ...(end === undefined ? {} : { expires_at: end }),
      ...(patch.maxDownloads === undefined ? {} : { max_downloads: patch.maxDownloads }),
    };
    const args = { id, changes, ...(version === undefined ? {} : { version }) };
    return toShare(desk, await desk.ask<ShareRow>("change_share", args, action, signal), action);
  }

  function list(fileId: string | undefined, options: ListOptions): Listing<Share> {
    const action = "shares.list";
    return listing(
      (after, limit, signal) =>
        readPage<ShareRow, Share>(
          { order: "shares", after, limit, action },
          (place) => desk.ask("shares_page", { file: fileId ?? null, ...place }, action, signal),
          (row) => ({ value: row.created_at, id: row.id }),
          (row) => toShare(desk, row, action),
        ),
      options,
      action,
    );
  }

  function events(filter: { fileId?: string; shareId?: string }, options: ListOptions): Listing<ShareEvent> {
    const action = "shares.events";
    const of = { file: filter.fileId ?? null, share: filter.shareId ?? null };
    return listing(
      (after, limit, signal) =>
        readPage<EventRow, ShareEvent>(
          { order: "share-events", after, limit, action },
          (place) => desk.ask("share_events_page", { ...of, ...place }, action, signal),
          (row) => ({ value: row.created_at, id: String(row.id) }),
          async (row) => toEvent(row),
        ),
      options,
      action,
    );
  }

  return {
    create: (file, options = {}) => createShare(desk, file, options),
    list: ({ fileId } = {}, options = {}) => list(fileId, options),
    update: (id, patch, options = {}) => update(id, patch, options),
    revoke: async (id, { signal } = {}) => {
      checkId(id, "shares.revoke");
      const ask = (): Promise<ShareRow> => desk.ask("revoke_share", { id }, "shares.revoke", signal);
      return toShare(desk, await briefly(ask, signal), "shares.revoke");
    },
    events: ({ fileId, shareId } = {}, options = {}) =>
      events({ ...(fileId ? { fileId } : {}), ...(shareId ? { shareId } : {}) }, options),
    look: (link, options = {}) => lookAt(connection, link, options),
    open: (link, options = {}) => openShare(connection, link, options),
    shareWith: (file, who, options = {}) => shareWith(desk, file, who, options),
    unshare: async (fileId, userId, { signal } = {}) => {
      checkId(fileId, "shares.unshare");
      return desk.ask<boolean>("unshare_file", { file: fileId, user: userId }, "shares.unshare", signal);
    },
    people: (fileId, options = {}) => {
      checkId(fileId, "shares.people");
      return peopleOf(desk, fileId, options);
    },
  };
}
