import { type Services, tooLarge, tooManyEvents } from "../services.ts";
import { textFanOut } from "../wire/fan-out.ts";
import type { Incoming, Payload } from "../wire/message.ts";
import type { Diff } from "./attendance.ts";
import type { Channel } from "./channel.ts";
import { mayWrite } from "./write.ts";

/** Tells a new channel who is there, and the others when it goes. */
export function enterPresence(channel: Channel): void {
  channel.onClose(() => leavePresence(channel));
  if (channel.hears("presence")) sync(channel);
}

/** `track` and `untrack`. */
export async function presence(channel: Channel, message: Incoming, services: Services): Promise<void> {
  const { ref, payload } = message;
  const event = typeof payload.event === "string" ? payload.event.toLowerCase() : null;
  if (event === null) return channel.reply(ref, "ok");
  if (channel.exceedsPresence(services.config)) {
    return channel.shutDown("Client presence rate limit exceeded");
  }
  if (event === "untrack") {
    leavePresence(channel);
    return channel.reply(ref, "ok");
  }
  if (event !== "track" || (channel.private && !(await mayWrite(channel, "presence", services)))) {
    return channel.reply(ref, "error");
  }
  if (!channel.closed) track(channel, payload.payload ?? {}, ref, services);
}

function track(channel: Channel, said: unknown, ref: string | null, services: Services): void {
  if (!isPlain(said)) {
    channel.reply(ref, "error", { reason: "Presence track payload must be a map" });
    return;
  }
  services.events.add();
  const tooMuch = excess(said, services);
  if (tooMuch !== null) {
    channel.shutDown(tooMuch);
    return;
  }
  const diff = channel.at?.attendance.track(channel, channel.params.presence.key, said) ?? null;
  channel.reply(ref, "ok");
  announce(channel, diff);
  // Whoever says something listens too from then on, and has not been told yet who is there.
  if (channel.presenceEnabled) return;
  channel.presenceEnabled = true;
  if (channel.hears("presence")) sync(channel);
}

function excess(said: Payload, services: Services): string | null {
  if (tooLarge(Buffer.byteLength(JSON.stringify(said)), services)) return "Track message size exceeded";
  return tooManyEvents(services) ? "Too many presence messages per second" : null;
}

function leavePresence(channel: Channel): void {
  announce(channel, channel.at?.attendance.untrack(channel) ?? null);
}

const sync = (channel: Channel) => channel.push("presence_state", channel.at?.attendance.state ?? {});

function announce({ at, topic }: Channel, diff: Diff | null): void {
  if (diff) at?.fanOut(textFanOut({ topic, event: "presence_diff", payload: diff }), "presence");
}

const isPlain = (value: unknown): value is Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value);
