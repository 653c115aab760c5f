import type { Services } from "../services.ts";
import { tooLarge, tooManyEvents } from "../services.ts";
import { type FanOut, textFanOut, userFanOut } from "../wire/fan-out.ts";
import { type Incoming, MalformedFrameError } from "../wire/message.ts";
import type { Channel } from "./channel.ts";
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
  if (ack) channel.reply(message.ref, "ok");
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
