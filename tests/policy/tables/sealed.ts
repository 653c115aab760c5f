import { eveHerself } from "../expectations.ts";
import { bytes, kept, longAgo } from "./kept.ts";
import { room } from "./rooms.ts";
import { insertRow } from "./seed.ts";

const request = (user_id: string) => ({ user_id, invite: crypto.randomUUID(), request: bytes(281) });
const requestColumns = { room_id: crypto.randomUUID(), ...request(eveHerself), created_at: longAgo };

/** What devices leave for each other, and what people say of each other to the database. */
export const sealedTables = [
  kept({
    name: "device_approvals",
    seed: ({ stack }, owner) =>
      insertRow(stack, "device_approvals", { id: crypto.randomUUID(), user_id: owner, request: bytes(585) }, [
        "id",
      ]),
    columns: {
      id: crypto.randomUUID(),
      user_id: eveHerself,
      request: bytes(585),
      answer: bytes(200),
      answered_at: longAgo,
      created_at: longAgo,
    },
  }),
  kept({
    name: "backups",
    seed: async ({ stack }, owner) => {
      const root = bytes(32);
      await insertRow(stack, "backups", { user_id: owner, root, number: 1, backup: bytes(200) }, ["user_id"]);
      return { root };
    },
    columns: { user_id: eveHerself, root: bytes(32), number: 7, backup: bytes(200), created_at: longAgo },
  }),
  kept({
    name: "vault_items",
    seed: ({ stack }, owner) => {
      const item = {
        room_id: crypto.randomUUID(),
        kind: 4,
        item: crypto.randomUUID(),
        item_version: 1,
        epoch: 1,
      };
      return insertRow(stack, "vault_items", { user_id: owner, ...item, sealed: bytes(155) }, ["item"]);
    },
    columns: {
      user_id: eveHerself,
      room_id: crypto.randomUUID(),
      kind: 5,
      item: crypto.randomUUID(),
      item_version: 7,
      epoch: 7,
      sealed: bytes(155),
      updated_at: longAgo,
    },
  }),
  kept({
    name: "room_grants",
    seed: async (world, owner) => {
      const grant = {
        room_id: await room(world, owner),
        grantor: owner,
        recipient: owner,
        first_epoch: 1,
        last_epoch: 1,
      };
      const row = { ...grant, device_id: crypto.randomUUID(), sealed: bytes(742) };
      return insertRow(world.stack, "room_grants", row, ["id"]);
    },
    columns: {
      id: crypto.randomUUID(),
      room_id: crypto.randomUUID(),
      grantor: eveHerself,
      recipient: eveHerself,
      device_id: crypto.randomUUID(),
      first_epoch: 7,
      last_epoch: 7,
      sealed: bytes(742),
      created_at: longAgo,
    },
  }),
  kept({
    name: "room_grants",
    title: "room_grants: what a member gave another",
    seed: async (world, owner) => {
      const grant = {
        room_id: await room(world, owner),
        grantor: owner,
        recipient: world.cast.ben.id,
        first_epoch: 1,
      };
      const row = { ...grant, last_epoch: 1, device_id: crypto.randomUUID(), sealed: bytes(742) };
      return insertRow(world.stack, "room_grants", row, ["id"]);
    },
    columns: { id: crypto.randomUUID(), sealed: bytes(742) },
    readers: ["service"],
  }),
  kept({
    name: "join_requests",
    seed: async (world, owner) => {
      const room_id = await room(world, world.cast.ben.id);
      return insertRow(world.stack, "join_requests", { room_id, ...request(owner) }, ["room_id"]);
    },
    columns: requestColumns,
  }),
  kept({
    name: "join_requests",
    title: "join_requests: to an admin",
    seed: async (world, owner) => {
      const room_id = await room(world, owner);
      return insertRow(world.stack, "join_requests", { room_id, ...request(world.cast.ben.id) }, ["room_id"]);
    },
    columns: requestColumns,
  }),
  kept({
    name: "room_invites",
    seed: async (world, owner) => {
      const row = { room_id: await room(world, owner), id: crypto.randomUUID(), role: 1, uses: 1 };
      return insertRow(world.stack, "room_invites", row, ["id"]);
    },
    columns: {
      room_id: crypto.randomUUID(),
      id: crypto.randomUUID(),
      role: 2,
      uses: 7,
      used: 7,
      expires_at: longAgo,
      created_at: longAgo,
    },
  }),
  kept({
    name: "blocks",
    seed: async (world, owner) => {
      const { db } = world.stack;
      await db.query("delete from public.blocks where user_id = $1", [owner]);
      return insertRow(world.stack, "blocks", { user_id: owner, blocked_id: world.cast.ben.id }, ["user_id"]);
    },
    columns: { user_id: eveHerself, blocked_id: eveHerself, created_at: longAgo },
  }),
  kept({
    name: "reports",
    seed: (world, owner) =>
      insertRow(world.stack, "reports", { user_id: owner, reported_id: world.cast.ben.id, reason: "Spam" }, [
        "id",
      ]),
    columns: {
      id: crypto.randomUUID(),
      user_id: eveHerself,
      reported_id: eveHerself,
      room_id: crypto.randomUUID(),
      reason: "Changed",
      created_at: longAgo,
    },
    readers: ["ada", "root", "service"],
  }),
];
