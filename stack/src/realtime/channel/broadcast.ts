import type { Services } from "../services.ts";
import { tooLarge, tooManyEvents } from "../services.ts";
import { type FanOut, textFanOut, userFanOut } from "../wire/fan-out.ts";
import { type Incoming, MalformedFrameError, type Persist } from "../wire/message.ts";
import type { Channel } from "./channel.ts";
import { store } from "./store.ts";
import { mayWrite } from "./write.ts";

/** What a client sends to the others on its topic. A write that policies deny is silent, as on the real server. */
export async function broadcast(channel: Channel, message: Incoming, services: Services): Promise<void> {
  if (channel.private) {
    const allowed = mayWrite(channel, "broadcast", services);
    if (!(allowed === true || (await allowed))) return;
  }
  if (channel.closed) return;
  services.events.add();
  if (tooManyEvents(services)) return channel.shutDown("Too many messages per second");
  const { ack, self } = channel.params.broadcast;
  if (tooLarge(sizeOf(message), services)) {
    if (ack) channel.reply(message.ref, "error", { reason: "payload_size_exceeded" });
    return;
  }
  channel.at?.fanOut(fanOutOf(message), "broadcast", self ? null : channel);
  if (message.persist) return keep(channel, message, message.persist, services);
  if (ack) channel.reply(message.ref, "ok");
}

/** It is heard in any case; whether it was stored too is said where the channel wants to be told. */
async function keep(
  channel: Channel,
  { ref, user }: Incoming,
  persist: Persist,
  services: Services,
): Promise<void> {
  const mayStore = channel.private && (await mayWrite(channel, "persistence", services));
  const id = mayStore && user ? await store(channel.name, user, persist, services) : null;
  if (channel.closed || !channel.params.broadcast.ack) return;
  if (id !== null) channel.reply(ref, "ok", { id });
  else channel.reply(ref, "error", { error: mayStore ? "unable_to_store" : "unauthorized_to_store" });
}

function fanOutOf({ topic, event, payload, user }: Incoming): FanOut {
  if (!user) return textFanOut({ topic, event, payload });
  if (user.encoding === "json") checkJson(user.bytes);
  return userFanOut(topic, user);
}

/** Receivers parse it unasked, so nobody may send them what does not parse. */
function checkJson(bytes: Buffer): void {
  try {
    JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new MalformedFrameError("its payload is no JSON");
  }
}

const sizeOf = ({ user, payload }: Incoming) =>
  user ? user.bytes.length : Buffer.byteLength(JSON.stringify(payload));
