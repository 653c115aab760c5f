import { mkdir } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { makeAccounts } from "./chat/accounts.ts";
import { large } from "./files/large.ts";
import { redeem } from "./files/redeem.ts";
import { speed } from "./files/speed.ts";
import type { Result } from "./lib/result.ts";
import { scratch, startStack } from "./lib/stack.ts";

/** Files and links: how fast they go, in how much memory, and how fast links open. */
export async function run(): Promise<Result> {
  const { folder, remove } = scratch();
  const [data, work] = [path.join(folder, "stack"), path.join(folder, "work")];
  await mkdir(work);
  const stack = await startStack(data);
  try {
    const [fast, big] = await makeAccounts(stack, 2, "files");
    if (!fast || !big) throw new Error("Nobody was made");
    const speeds = await speed(stack, fast, work);
    const sizes = await large(stack, big, work);
    const links = await redeem(stack, await fileOf(stack.adminUrl, fast.id));
    return {
      what: "Files of 64 MiB beside bare HTTP, of 1 GiB in little memory; links opened among 100,000",
      figures: [...speeds, ...sizes, ...links],
    };
  } finally {
    await stack.stop();
    remove();
  }
}

async function fileOf(adminUrl: string, owner: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const { rows } = await admin.query<{ id: string }>(
    "select id from public.files where owner_id = $1 and encrypted and state = 'ready' limit 1",
    [owner],
  );
  await admin.end();
  if (!rows[0]) throw new Error("There is no file to link to");
  return rows[0].id;
}
