import { broadcast } from "../channel/broadcast.ts";
import { join } from "../channel/join.ts";
import { presence } from "../channel/presence.ts";
import { refreshToken } from "../channel/token.ts";
import type { Services } from "../services.ts";
import type { Incoming } from "../wire/message.ts";
import type { Connection } from "./connection.ts";

/** Takes a frame to where it belongs: the connection itself, a join, or an open channel. */
export function route(connection: Connection, message: Incoming, services: Services): void | Promise<void> {
  const { topic, event } = message;
  if (topic === "phoenix" && event === "heartbeat") return reply(connection, message, "ok", {});
  if (event === "phx_join" && topic.startsWith("realtime:")) return join(connection, message, services);
  const channel = connection.channels.get(topic);
  if (event === "phx_leave") return leave(connection, message);
  if (!channel) return reply(connection, message, "error", { reason: "unmatched topic" });
  switch (event) {
    case "broadcast":
      return broadcast(channel, message, services);
    case "presence":
      return presence(channel, message, services);
    case "access_token":
      return refreshToken(channel, message, services);
    default:
      // The real server counts it, and says nothing.
      services.events.add();
  }
}

/** Leaving is always fine; whoever leaves a channel that was joined anew since leaves the old one. */
function leave(connection: Connection, message: Incoming): void {
  const channel = connection.channels.get(message.topic);
  reply(connection, message, "ok", {});
  if (channel && (message.joinRef === null || message.joinRef === channel.joinRef)) channel.close();
}

function reply(
  connection: Connection,
  { joinRef, ref, topic }: Incoming,
  status: "ok" | "error",
  response: unknown,
): void {
  connection.send({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } });
}
