import { eveHerself, type Key } from "../expectations.ts";
import type { World } from "../world.ts";
import { bytes, kept, longAgo } from "./kept.ts";
import { insertRow } from "./seed.ts";

/** A group of `owner`'s; with `left`, one that they are in no more. */
export async function room({ stack }: World, owner: string, { left = false } = {}): Promise<string> {
  const id = crypto.randomUUID();
  const made = { id, kind: "group", protocol: 1, minimum_suite: 1, history: "none", transcript: bytes(32) };
  await insertRow(stack, "rooms", made, ["id"]);
  const member = { room_id: id, user_id: owner, root: bytes(32), role: 3, since: 1 };
  await insertRow(stack, "room_members", { ...member, left_at: left ? longAgo : null }, ["room_id"]);
  return id;
}

/** Ada's room, whose topic has moved once: sue and gone are members, root was removed, eve was never there. */
export async function sharedRoom(world: World): Promise<{ id: string; rev: number }> {
  const { cast, stack } = world;
  const id = await room(world, cast.ada.id);
  for (const name of ["sue", "gone", "root"] as const) {
    const member = { room_id: id, user_id: cast[name].id, root: bytes(32), role: 1, since: 1 };
    await insertRow(stack, "room_members", { ...member, left_at: name === "root" ? longAgo : null }, [
      "room_id",
    ]);
  }
  await stack.db.query("update public.rooms set topic_rev = 2 where id = $1", [id]);
  return { id, rev: 2 };
}

/** A row of a table in a room of `owner`'s, found by its room. */
const inRoom =
  (table: string, row: (owner: string) => Record<string, unknown>) =>
  async (world: World, owner: string): Promise<Key> => {
    const room_id = await room(world, owner);
    await insertRow(world.stack, table, { room_id, ...row(owner) }, ["room_id"]);
    return { room_id };
  };

const wrap = (room_id: string, user_id: string) => ({
  room_id,
  epoch: 1,
  user_id,
  device_id: crypto.randomUUID(),
  wrap: bytes(384),
});
const wrapColumns = wrap(crypto.randomUUID(), eveHerself);

const message = (sender_id: string) => ({
  id: crypto.randomUUID(),
  seq: 1,
  epoch: 1,
  class: 1,
  sender_id,
  device_id: crypto.randomUUID(),
  device_seq: 1,
  hash: bytes(32),
  body_hash: bytes(32),
  header: bytes(219),
  body: bytes(328),
  signature: bytes(64),
});

const entry = (author: string) => ({
  seq: 1,
  room_seq: 1,
  op: 1,
  author,
  hash: bytes(32),
  entry: bytes(300),
});
const commit = (committer: string) => ({
  epoch: 1,
  room_seq: 2,
  committer,
  device_id: crypto.randomUUID(),
  hash: bytes(32),
  commit: bytes(453),
});

/** Members read their rooms, administrators of the installation do not. */
export const roomTables = [
  kept({
    name: "rooms",
    seed: async (world, owner) => ({ id: await room(world, owner) }),
    columns: {
      id: crypto.randomUUID(),
      kind: "direct",
      protocol: 2,
      minimum_suite: 2,
      history: "shared",
      epoch: 7,
      log_rows: 7,
      last_seq: 7,
      transcript: bytes(32),
      rekey_required: true,
      topic_rev: 7,
      devices_rev: 9,
      created_at: longAgo,
      active_at: longAgo,
      deleted_at: longAgo,
    },
  }),
  kept({
    name: "room_members",
    seed: async (world, owner) => ({ room_id: await room(world, owner) }),
    columns: {
      room_id: crypto.randomUUID(),
      user_id: eveHerself,
      root: bytes(32),
      role: 2,
      since: 7,
      joined_at: longAgo,
      left_at: longAgo,
      erased: true,
    },
  }),
  kept({
    name: "room_log",
    seed: inRoom("room_log", entry),
    columns: { room_id: crypto.randomUUID(), ...entry(eveHerself), created_at: longAgo },
  }),
  kept({
    name: "room_epochs",
    seed: inRoom("room_epochs", commit),
    columns: { room_id: crypto.randomUUID(), ...commit(eveHerself), created_at: longAgo },
  }),
  kept({
    name: "epoch_recipients",
    seed: async (world, owner) => {
      const row = wrap(await room(world, owner), owner);
      return insertRow(world.stack, "epoch_recipients", row, ["room_id", "device_id"]);
    },
    columns: wrapColumns,
  }),
  kept({
    name: "epoch_recipients",
    title: "epoch_recipients: another member's",
    seed: async (world, owner) => {
      const row = wrap(await room(world, owner), world.cast.ben.id);
      return insertRow(world.stack, "epoch_recipients", row, ["room_id", "device_id"]);
    },
    columns: wrapColumns,
    readers: ["service"],
  }),
  kept({
    name: "epoch_recipients",
    title: "epoch_recipients: of a room that was left",
    seed: async (world, owner) => {
      const row = wrap(await room(world, owner, { left: true }), owner);
      return insertRow(world.stack, "epoch_recipients", row, ["room_id", "device_id"]);
    },
    columns: wrapColumns,
    readers: ["service"],
  }),
  kept({
    name: "messages",
    seed: inRoom("messages", message),
    columns: { room_id: crypto.randomUUID(), ...message(eveHerself), received_at: longAgo },
  }),
  kept({
    name: "messages",
    title: "messages: of a room that was left",
    seed: async (world, owner) => {
      const room_id = await room(world, owner, { left: true });
      return insertRow(world.stack, "messages", { room_id, ...message(owner) }, ["room_id"]);
    },
    columns: { room_id: crypto.randomUUID(), ...message(eveHerself), received_at: longAgo },
    readers: ["service"],
  }),
  kept({
    name: "read_marks",
    seed: inRoom("read_marks", (user_id) => ({ user_id, last_read_seq: 1 })),
    columns: { room_id: crypto.randomUUID(), user_id: eveHerself, last_read_seq: 7, updated_at: longAgo },
  }),
];
