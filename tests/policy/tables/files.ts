import { eveHerself, type Row } from "../expectations.ts";
import type { World } from "../world.ts";
import { bytes, kept, longAgo } from "./kept.ts";
import { room } from "./rooms.ts";
import { insertRow } from "./seed.ts";

/** A file of `owner`'s whose first version is complete, unless `more` says otherwise. */
async function file({ stack }: World, owner: string, more: Row = {}): Promise<string> {
  const id = crypto.randomUUID();
  const ready = { state: "ready", content_version: 1, room_since: 1 };
  await insertRow(stack, "files", { id, owner_id: owner, encrypted: true, size: 1, ...ready, ...more }, [
    "id",
  ]);
  return id;
}

async function share(world: World, owner: string): Promise<string> {
  const row = { id: crypto.randomUUID(), file_id: await file(world, owner), owner_id: owner };
  await insertRow(world.stack, "shares", { ...row, content_version: 1, password: false }, ["id"]);
  return row.id;
}

async function shareWith(world: World, owner: string, user: string): Promise<string> {
  const file_id = await file(world, owner);
  await insertRow(world.stack, "share_users", { file_id, owner_id: owner, user_id: user, since: 1 }, ["id"]);
  return file_id;
}

const fileColumns = {
  id: crypto.randomUUID(),
  owner_id: eveHerself,
  folder_id: crypto.randomUUID(),
  room_id: crypto.randomUUID(),
  attachment: true,
  state: "ready",
  encrypted: false,
  name: "diary.txt",
  media_type: "text/plain",
  sealed: bytes(40),
  size: 7,
  hash: bytes(32),
  content_version: 7,
  last_number: 7,
  room_since: 7,
  deleted_at: longAgo,
  created_at: longAgo,
  updated_at: longAgo,
  uploaded_at: longAgo,
  version: 41,
};
const shared = { name: "files", columns: { version: 41 } };

/** Files, where they are kept, and with whom they are shared. */
export const fileTables = [
  kept({
    name: "folders",
    seed: ({ stack }, owner) =>
      insertRow(stack, "folders", { id: crypto.randomUUID(), owner_id: owner, depth: 1, name: "Photos" }, [
        "id",
      ]),
    columns: {
      id: crypto.randomUUID(),
      owner_id: eveHerself,
      parent_id: crypto.randomUUID(),
      depth: 7,
      name: "Other",
      sealed: bytes(40),
      deleted_at: longAgo,
      created_at: longAgo,
      updated_at: longAgo,
      version: 41,
    },
  }),
  kept({
    name: "files",
    seed: async (world, owner) => ({ id: await file(world, owner, { deleted_at: longAgo }) }),
    columns: fileColumns,
    generated: ["place", "shown", "shown_in"],
  }),
  // Whom others let read a file is told of it by calls, which leave out where it is kept.
  kept({
    ...shared,
    title: "files: shared by name",
    seed: async (world, owner) => ({ id: await shareWith(world, world.cast.ben.id, owner) }),
    readers: ["service"],
  }),
  kept({
    ...shared,
    title: "files: attached to a room",
    seed: async (world, owner) => ({
      id: await file(world, world.cast.ben.id, { room_id: await room(world, owner) }),
    }),
    readers: ["service"],
  }),
  kept({
    name: "file_versions",
    seed: async (world, owner) => {
      const row = { file_id: await file(world, owner), number: 1, owner_id: owner, state: "ready", size: 1 };
      return insertRow(world.stack, "file_versions", { ...row, upload_id: crypto.randomUUID() }, ["file_id"]);
    },
    columns: {
      file_id: crypto.randomUUID(),
      number: 7,
      owner_id: eveHerself,
      upload_id: crypto.randomUUID(),
      state: "ready",
      size: 7,
      hash: bytes(32),
      sealed: bytes(40),
      expires_at: longAgo,
      created_at: longAgo,
      completed_at: longAgo,
    },
    generated: ["path"],
  }),
  kept({
    name: "share_users",
    seed: async (world, owner) => ({ file_id: await shareWith(world, owner, world.cast.ben.id) }),
    columns: {
      id: crypto.randomUUID(),
      file_id: crypto.randomUUID(),
      owner_id: eveHerself,
      user_id: eveHerself,
      since: 7,
      created_at: longAgo,
    },
  }),
  kept({
    name: "share_users",
    title: "share_users: to whoever it is shared with",
    seed: async (world, owner) => ({ file_id: await shareWith(world, world.cast.ben.id, owner) }),
    columns: { since: 7 },
  }),
  kept({
    name: "shares",
    seed: async (world, owner) => ({ id: await share(world, owner) }),
    columns: {
      id: crypto.randomUUID(),
      file_id: crypto.randomUUID(),
      owner_id: eveHerself,
      content_version: 7,
      password: true,
      expires_at: longAgo,
      max_downloads: 7,
      downloads: 7,
      sealed: bytes(40),
      last_opened_at: longAgo,
      revoked_at: longAgo,
      created_at: longAgo,
      updated_at: longAgo,
      version: 41,
    },
  }),
  kept({
    name: "share_events",
    seed: ({ stack }, owner) =>
      insertRow(
        stack,
        "share_events",
        { owner_id: owner, file_id: crypto.randomUUID(), actor_id: owner, kind: "opened" },
        ["id"],
      ),
    columns: {
      id: crypto.randomUUID(),
      owner_id: eveHerself,
      file_id: crypto.randomUUID(),
      share_id: crypto.randomUUID(),
      actor_id: eveHerself,
      kind: "revoked",
      created_at: longAgo,
    },
  }),
];
