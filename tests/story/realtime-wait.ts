import type { RealtimeChannel } from "@supabase/supabase-js";

/** A cap on a hang; nothing is asserted about time. */
const cap = 60_000;

/** Resolves with `promise`, or says what did not come. */
export function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waiting for ${what}: it did not come`)), cap);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Joins, and resolves with the first status that is told, and its reason. */
export function subscribe(channel: RealtimeChannel): Promise<{ status: string; reason: string }> {
  const told = new Promise<{ status: string; reason: string }>((resolve) => {
    channel.subscribe((status, error) => resolve({ status, reason: error?.message ?? "" }));
  });
  return within(told, `an answer to the join of ${channel.topic}`);
}

/** Joins; fails when it is refused. */
export async function joined(channel: RealtimeChannel): Promise<RealtimeChannel> {
  const { status, reason } = await subscribe(channel);
  if (status !== "SUBSCRIBED") throw new Error(`joining ${channel.topic}: ${status} ${reason}`);
  return channel;
}

/** What arrives, in order, for a test to take. */
export class Inbox<T> {
  readonly all: T[] = [];
  #taken = 0;
  #wake: (() => void)[] = [];

  readonly put = (item: T): void => {
    this.all.push(item);
    for (const wake of this.#wake.splice(0)) wake();
  };

  /** The next one that was not taken. */
  async take(what = "a message"): Promise<T> {
    const at = this.#taken++;
    await within(this.#reach(at + 1), `${what} (${this.all.length} came)`);
    return this.all[at] as T;
  }

  async takeMany(count: number): Promise<T[]> {
    const items: T[] = [];
    for (let index = 0; index < count; index++)
      items.push(await this.take(`message ${index + 1} of ${count}`));
    return items;
  }

  async #reach(count: number): Promise<void> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }
}
