import type { Hub } from "../hub.ts";
import { type FanOut, textFanOut, userFanOut } from "../wire/fan-out.ts";
import type { Backlog } from "./backlog.ts";
import type { Change } from "./changes.ts";
import { isTable, named } from "./row.ts";

export interface StoredMessage {
  id: string;
  event: string;
  /** JSON text, or null where the message is bytes. */
  payload: string | null;
  /** As Postgres writes it: `\x` and hexadecimal digits. */
  bytes: string | null;
}

/** Sends a row that was inserted into `realtime.messages` to its topic. */
// message path 7: brought to the sockets
export function tellMessage(change: Change, committedAt: number, hub: Hub, backlog: Backlog): void {
  if (change.kind !== "INSERT" || !change.row) return;
  const {
    topic,
    extension,
    private: isPrivate,
    skip_broadcast: isSaid,
    ...row
  } = named(change.relation, change.row);
  if (isSaid === "t" || extension !== "broadcast" || !topic || !row.event || !row.id) return;
  const { id, event, payload = null, binary_payload: bytes = null } = row;
  const message = broadcastOf(`realtime:${topic}`, { id, event, payload, bytes }, { id });
  const seat = hub.find(topic, isPrivate === "t");
  const listeners = [...(seat?.channels ?? [])].filter((channel) => channel.hears("broadcast"));
  for (const channel of listeners) channel.deliver(message, id);
  if (isPrivate === "t") backlog.keep(topic, committedAt, { id, message }, listeners);
}

export const isMessages = (change: Pick<Change, "relation">): boolean =>
  isTable(change.relation, "realtime", "messages");

export function broadcastOf(
  topic: string,
  { event, payload, bytes }: StoredMessage,
  meta: { id: string; replayed?: true },
): FanOut {
  if (bytes !== null) {
    const content = Buffer.from(bytes.slice(2), "hex");
    return userFanOut(topic, { event, encoding: "binary", bytes: content }, JSON.stringify(meta));
  }
  const said = { type: "broadcast", event, payload: JSON.parse(payload ?? "null") ?? {}, meta };
  return textFanOut({ topic, event: "broadcast", payload: said });
}
