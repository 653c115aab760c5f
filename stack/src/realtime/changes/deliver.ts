import { type FanOut, textFanOut } from "../wire/fan-out.ts";
import { dataFor, type Told } from "./payload.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Tells a change to its listeners: one frame for all who are told the same under the same numbers.
 * @param readable the columns that a role may read
 */
export function deliver(
  told: Told,
  listeners: Subscription[],
  readable: (role: string) => ReadonlySet<string>,
): void {
  const data = new Map<string, object>();
  const frames = new Map<string, FanOut>();
  for (const [channel, mine] of groupBy(listeners, ({ channel }) => channel)) {
    for (const [variant, same] of groupBy(mine, variantOf)) {
      if (!data.has(variant)) {
        data.set(variant, dataFor(told, readable(channel.identity.role), same[0]?.params.select ?? null));
      }
      const ids = same.map(({ id }) => id);
      const key = JSON.stringify([channel.topic, variant, ids]);
      const payload = { ids, data: data.get(variant) };
      const frame =
        frames.get(key) ?? textFanOut({ topic: channel.topic, event: "postgres_changes", payload });
      frames.set(key, frame);
      channel.deliver(frame);
    }
  }
}

const variantOf = ({ channel, params }: Subscription) =>
  JSON.stringify([channel.identity.role, params.select]);

function groupBy<T, K>(items: T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
