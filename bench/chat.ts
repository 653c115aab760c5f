import path from "node:path";
import { deliveries } from "./chat/deliveries.ts";
import { history } from "./chat/history.ts";
import { inserts } from "./chat/inserts.ts";
import { members } from "./chat/members.ts";
import { pages } from "./chat/pages.ts";
import { connect, makePeople } from "./chat/world.ts";
import type { Result } from "./lib/result.ts";
import { scratch, startStack } from "./lib/stack.ts";

/** Rooms: from a send to everybody's ears beside Prosody, and what they cost as they grow. */
export async function run(): Promise<Result> {
  const { folder, remove } = scratch();
  const data = path.join(folder, "stack");
  const stack = await startStack(data);
  const db = await connect(stack.adminUrl);
  try {
    const people = await makePeople(stack, data, db, 100);
    const world = { stack, db, people, folder };
    const figures = [
      ...(await deliveries(world)),
      ...(await history(stack)),
      ...(await members(world)),
      ...(await inserts(world)),
    ];
    // Last: it takes everything else out of the database.
    const read = await pages(world);
    return {
      what: "Rooms: a send heard by all, beside Prosody; and what they cost as they grow",
      figures: [...figures, ...read.figures],
      plans: read.plans,
    };
  } finally {
    await db.end();
    await stack.stop();
    remove();
  }
}
