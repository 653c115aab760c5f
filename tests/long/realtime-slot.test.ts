import { afterEach, expect, it } from "vitest";
import { hearRoom, room, Stacks, say } from "../story/realtime-process.ts";
import { waitFor } from "../story/stack-kit.ts";

const stacks = new Stacks();
afterEach(() => stacks.end());

it("a stack whose slot was lost makes it anew, and its open channels hear on", async () => {
  const up = await stacks.start();
  const db = await stacks.database(up);
  const heard = await hearRoom(room(stacks.clientOf(up)));
  await say(db, 1);
  expect(await heard.take()).toBe(1);
  const slot = async () => {
    const text = "select wal_status, active from pg_replication_slots where slot_name = 'trackit_realtime'";
    return (await db.query<{ wal_status: string; active: boolean }>(text)).rows[0];
  };
  // It does not read while Postgres writes more than max_slot_wal_keep_size.
  up.child.kill("SIGSTOP");
  for (let at = 0; at < 20; at++)
    await db.query("select pg_switch_wal() from pg_logical_emit_message(false, '', '')");
  await db.query("checkpoint");
  expect((await slot())?.wal_status).toBe("lost");
  up.child.kill("SIGCONT");
  await waitFor(async () => {
    const now = await slot();
    return now?.active && now.wal_status !== "lost";
  });
  await say(db, 2);
  expect(await heard.take()).toBe(2);
});
