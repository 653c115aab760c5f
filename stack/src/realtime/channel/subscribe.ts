import { setTimeout as wait } from "node:timers/promises";
import { RefusedError } from "../access/identity.ts";
import { SubscribeError } from "../changes/params.ts";
import type { Services } from "../services.ts";
import type { Channel } from "./channel.ts";

/** What a publication that is new to the feed is waited for. */
const feedPatience = 3_000;

export const subscribed = "Subscribed to PostgreSQL";

/** Starts what the channel wants to hear of tables, and says so; a subscription that cannot be leaves it open. */
export async function subscribeChanges(channel: Channel, services: Services): Promise<void> {
  if (channel.params.changes.length === 0) return;
  try {
    await subscribe(channel, services);
    if (!channel.closed) channel.system("postgres_changes", "ok", subscribed);
  } catch (error) {
    if (!(error instanceof SubscribeError)) throw error;
    channel.system("postgres_changes", "error", error.message);
  }
}

/**
 * The same before the join is answered, which fails with it.
 * @throws RefusedError
 */
export async function subscribeFirst(channel: Channel, patience: number, services: Services): Promise<void> {
  if (channel.params.changes.length === 0) return;
  const late = wait(patience, "late" as const, { ref: false });
  const outcome = await Promise.race([subscribe(channel, services), late]).catch((error) => {
    if (!(error instanceof SubscribeError)) throw error;
    throw new RefusedError("RealtimeDisabledForConfiguration", error.message);
  });
  if (outcome === "late") {
    const text = `Timed out after ${patience}ms waiting for the postgres_changes subscription`;
    throw new RefusedError("PostgresChangesSubscribeTimeout", text);
  }
}

async function subscribe(channel: Channel, { changes, feed }: Services): Promise<void> {
  await feed.include("supabase_realtime", feedPatience);
  await changes.subscribe(channel);
  await feed.settled();
}
