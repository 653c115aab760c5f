import type { Identity } from "../access/identity.ts";
import { store } from "../channel/store.ts";
import { type Services, tooLarge, tooManyEvents } from "../services.ts";
import { type FanOut, textFanOut, userFanOut } from "../wire/fan-out.ts";
import type { Persist, UserBroadcast } from "../wire/message.ts";
import { accepted, refused, unprocessable } from "./reply.ts";

const flood = "Too many messages to broadcast, please reduce the batch size";

interface Item {
  topic: string;
  event: string;
  payload: unknown;
  private: boolean;
}

/** `POST /api/broadcast`: many messages at once; private ones that policies deny are dropped without a word. */
export async function broadcastMany(body: string, caller: Identity, services: Services): Promise<Response> {
  const items = readItems(body);
  if (!items) return unprocessable({ messages: ["is invalid"] });
  if (tooManyEvents(services, items.length)) return refused(429, flood);
  if (tooLarge(Buffer.byteLength(body), services)) return unprocessable({ payload: ["is too large"] });
  const allowed = new Map<string, boolean>();
  for (const item of items) {
    if (item.private && !allowed.has(item.topic)) {
      allowed.set(item.topic, await services.policies.mayWrite(caller, item.topic, "broadcast"));
    }
  }
  for (const item of items.filter((one) => !one.private || allowed.get(one.topic))) {
    const { event, payload } = item;
    const said = { type: "broadcast", event, payload };
    send(item, textFanOut({ topic: `realtime:${item.topic}`, event: "broadcast", payload: said }), services);
  }
  return accepted();
}

/** `POST /api/broadcast/:topic/events/:event`: one message, JSON or bytes; a denied one is told so. */
export async function broadcastOne(
  target: { topic: string; event: string; private: boolean; persist: Persist | null },
  { bytes, encoding }: Pick<UserBroadcast, "bytes" | "encoding">,
  caller: Identity,
  services: Services,
): Promise<Response> {
  if (encoding === "json" && !isJson(bytes)) return refused(400, "The body is no JSON");
  if (tooManyEvents(services, 1)) return refused(429, "You have exceeded your rate limit");
  if (tooLarge(bytes.length, services)) return unprocessable({ payload: ["is too large"] });
  if (target.private && !(await services.policies.mayWrite(caller, target.topic, "broadcast"))) {
    return refused(403, "Forbidden");
  }
  const topic = `realtime:${target.topic}`;
  const user = { event: target.event, encoding, bytes };
  send(target, userFanOut(topic, user), services);
  if (target.persist && (await services.policies.mayWrite(caller, target.topic, "persistence"))) {
    await store(target.topic, user, target.persist, services);
  }
  return accepted();
}

function send(target: { topic: string; private: boolean }, message: FanOut, services: Services): void {
  services.events.add();
  services.hub.find(target.topic, target.private)?.fanOut(message, "broadcast");
}

/** @returns null where one of them is not what is wanted */
function readItems(body: string): Item[] | null {
  const parsed = parse(body);
  const messages = isRecord(parsed) ? parsed.messages : null;
  if (!Array.isArray(messages) || messages.length === 0) return null;
  const items = messages.map(readItem);
  return items.every((item) => item !== null) ? items : null;
}

function readItem(value: unknown): Item | null {
  if (!isRecord(value)) return null;
  const { topic, event, payload } = value;
  if (typeof topic !== "string" || topic === "" || topic.includes("\0")) return null;
  if (typeof event !== "string" || event === "" || !isRecord(payload)) return null;
  return { topic, event, payload, private: value.private === true || value.private === "true" };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isJson = (bytes: Buffer) => {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
