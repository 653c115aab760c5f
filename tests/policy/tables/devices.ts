import { eveHerself } from "../expectations.ts";
import type { World } from "../world.ts";
import { bytes, kept, longAgo } from "./kept.ts";
import { insertRow } from "./seed.ts";

/** A retired identity: of those an account may have any number. */
async function identity({ stack }: World, owner: string): Promise<string> {
  const root = bytes(32);
  await insertRow(stack, "identities", { user_id: owner, root, rows: 1, retired_at: longAgo }, ["user_id"]);
  return root;
}

/** People see the tables of their own logs; those of others are read by a call that wants their ids. */
export const deviceTables = [
  kept({
    name: "identities",
    seed: async (world, owner) => ({ root: await identity(world, owner) }),
    columns: { user_id: eveHerself, root: bytes(32), rows: 7, created_at: longAgo, retired_at: null },
  }),
  kept({
    name: "device_log",
    seed: async (world, owner) => {
      const root = await identity(world, owner);
      const signer = crypto.randomUUID();
      const row = { user_id: owner, root, seq: 1, op: 1, signer, hash: bytes(32), entry: bytes(762) };
      return insertRow(world.stack, "device_log", row, ["user_id", "signer"]);
    },
    columns: {
      user_id: eveHerself,
      root: bytes(32),
      seq: 2,
      op: 2,
      signer: crypto.randomUUID(),
      hash: bytes(32),
      entry: bytes(762),
      created_at: longAgo,
    },
  }),
  kept({
    name: "device_names",
    seed: async ({ stack }, owner) => {
      const root = bytes(32);
      const row = { user_id: owner, root, seq: 1, opening: bytes(20) };
      await insertRow(stack, "device_names", row, ["user_id"]);
      return { user_id: owner, root };
    },
    columns: { user_id: eveHerself, root: bytes(32), seq: 2, opening: bytes(20) },
  }),
  kept({
    name: "devices",
    seed: async (world, owner) => {
      const root = await identity(world, owner);
      const id = crypto.randomUUID();
      return insertRow(world.stack, "devices", { user_id: owner, root, id, kind: "device", added_seq: 1 }, [
        "id",
      ]);
    },
    columns: {
      user_id: eveHerself,
      root: bytes(32),
      id: crypto.randomUUID(),
      kind: "recovery",
      added_seq: 2,
      created_at: longAgo,
      revoked_seq: 2,
    },
  }),
];
