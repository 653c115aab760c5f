import { fromUuid, toUuid } from "../chat/ids.ts";
import { personOf } from "../chat/people.ts";
import { openDirect } from "../chat/rooms.ts";
import { fromBase64url, toBase64url } from "../crypto/bytes/index.ts";
import type { FileInfo } from "../crypto/file/index.ts";
import { createLink } from "../crypto/link/index.ts";
import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { held } from "../files/attachment.ts";
import type { Desk } from "../files/desk.ts";
import { readRow } from "../files/download/download.ts";
import { openInfo } from "../files/infos.ts";
import { sealText } from "../files/sealed-text.ts";
import type { FileRef } from "../files/types.ts";
import { briefly } from "../retry/again.ts";
import type { CallOptions } from "../types.ts";
import { addressOf, type ShareRow, toShare } from "./shape.ts";
import { endOf } from "./times.ts";
import type { Share, SharedWith, ShareOptions } from "./types.ts";

/** A file that is not sealed: its info says where it is and what its bytes come to, and has no key. */
const NO_KEY = new Uint8Array(32);

export async function createShare(desk: Desk, file: FileRef, options: ShareOptions): Promise<Share> {
  const action = "shares.create";
  const { maxDownloads, page, password, signal } = options;
  const expiresAt = endOf(options, action) ?? null;
  const most = maxDownloads ?? null;
  if (most !== null && !(Number.isInteger(most) && most >= 1 && most <= 1_000_000))
    throw invalid(action, "maxDownloads", most, "a whole number from 1 to 1,000,000");
  if (password === "") throw invalid(action, "password", "", "at least one character");
  const address = addressOf(page, action);
  const info = await infoFor(desk, file, action, signal);
  const { fragment, stored } = await createLink(desk.suite, info, { password });
  const link = `${address}#${fragment}`;
  const args = {
    id: toUuid(stored.id),
    file: toUuid(info.id),
    content_version: info.version,
    access_hash: toBase64url(stored.access),
    door_hash: toBase64url(stored.door),
    body: toBase64url(stored.body),
    password: password !== undefined,
    expires_at: expiresAt,
    max_downloads: most,
    sealed: await sealText(desk, "share", { id: toUuid(stored.id), text: link, version: 1 }, action),
  };
  const row = await briefly(() => desk.ask<ShareRow>("create_share", args, action, signal), signal);
  return { ...(await toShare(desk, row, action)), link };
}

/** What gives access to the present version of a file. */
export async function infoFor(
  desk: Desk,
  file: FileRef,
  action: string,
  signal?: AbortSignal,
): Promise<FileInfo> {
  const known = typeof file === "object" ? held.get(file) : undefined;
  if (known) return known.info;
  const id = typeof file === "string" ? file : "fileId" in file ? file.fileId : file.id;
  const row = await readRow(desk, id, action, signal);
  if (row.encrypted) {
    const { info, problem } = await openInfo(desk, row, action);
    if (info) return info;
    throw new TrackItError("CRYPTO_OPEN_FAILED", `${action}: file ${id} does not open: ${problem?.cause}`, {
      hint: problem?.next,
    });
  }
  if (row.content_version === null || row.hash === null)
    throw new TrackItError("ACCESS_NOT_FOUND", `${action}: file ${id} has no version that is whole yet`);
  return {
    id: fromUuid(row.id),
    version: row.content_version,
    key: NO_KEY,
    size: row.size,
    hash: fromBase64url(row.hash),
    name: row.name ?? "file",
    type: row.media_type ?? "",
    thumbnail: new Uint8Array(),
  };
}

interface PersonRow {
  user: { id: string; username: string };
  created_at: string;
}

export async function shareWith(
  desk: Desk,
  file: FileRef,
  who: string,
  { signal }: CallOptions,
): Promise<SharedWith> {
  const action = "shares.shareWith";
  const info = await infoFor(desk, file, action, signal);
  const core = await desk.keys.core(action);
  const { userId, username } = await personOf(core, who, action);
  // They may read it before they are told how: a message that comes first would open nothing.
  const args = { file: toUuid(info.id), user: userId };
  const share = (): Promise<PersonRow> => desk.ask("share_file", args, action, signal);
  const { created_at } = await briefly(share, signal);
  const room = await openDirect(core, who);
  const engine = await core.rooms.get(room.id);
  if (!engine) throw new TrackItError("ACCESS_NOT_FOUND", `${action}: the room with ${who} was closed`);
  await engine.sender.send({ kind: "files", reply: new Uint8Array(32), caption: "", files: [info] }, signal);
  return { userId, username: username ?? who, since: created_at };
}

export async function peopleOf(desk: Desk, fileId: string, { signal }: CallOptions): Promise<SharedWith[]> {
  const rows = await desk.ask<PersonRow[]>("file_people", { file: fileId }, "shares.people", signal);
  return rows.map(({ user: { id, username }, created_at }) => ({ userId: id, username, since: created_at }));
}
