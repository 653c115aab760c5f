import { randomUUID } from "node:crypto";
import { describeError } from "../../gateway/errors.ts";
import type { Services } from "../services.ts";
import type { Persist, UserBroadcast } from "../wire/message.ts";

/**
 * Stores a broadcast for replay. It has been handed out already, so the feed passes it over.
 * @returns its id, or null where Postgres does not take it, such as a text with NUL
 */
export async function store(
  topic: string,
  { event, encoding, bytes }: UserBroadcast,
  { ttl }: Persist,
  { database, log }: Pick<Services, "database" | "log">,
): Promise<string | null> {
  const id = randomUUID();
  const content = encoding === "json" ? [bytes.toString("utf8"), null] : [null, bytes];
  try {
    await database.query(insert, [
      id,
      topic,
      event,
      ...content,
      ttl === null ? null : Math.min(ttl, longest),
    ]);
    return id;
  } catch (error) {
    log.warn("realtime.store", describeError(error));
    return null;
  }
}

/** Seconds, far beyond what any message is kept; more would not be a time. */
const longest = 1_000_000_000;

const insert = `
  insert into realtime.messages
    (id, topic, event, payload, binary_payload, expires_at, extension, private, skip_broadcast)
  values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6), 'broadcast', true, true)`;
