import { startStack } from "../stack/src/index.ts";
import type { Result } from "./lib/result.ts";
import { root } from "./lib/stack.ts";
import { fanOut } from "./realtime-fan-out.ts";
import { joins } from "./realtime-joins.ts";
import { latency } from "./realtime-latency.ts";

const many = 1_000_000;
const config = {
  realtime: { max_concurrent_users: many, max_events_per_second: many, max_joins_per_second: many },
  edge_runtime: { enabled: false },
};

/** From a write in the database to the callback of supabase-js, joins, and one message to many sockets. */
export async function run(): Promise<Result> {
  const options = { project: root, ephemeral: true, port: 0, web: false, seed: false, config };
  const stack = await startStack(options);
  try {
    const figures = [
      ...(await latency(stack)),
      ...(await joins(stack)),
      ...(await fanOut(stack, 200)),
      ...(await fanOut(stack, 1000)),
    ];
    return { what: "Realtime: insert to callback, joins and fan-out, beside what it is made of", figures };
  } finally {
    await stack.stop();
  }
}
