import { RefusedError } from "../access/identity.ts";
import { broadcastOf, type StoredMessage } from "../feed/messages.ts";
import type { Services } from "../services.ts";
import type { FanOut } from "../wire/fan-out.ts";
import type { Channel } from "./channel.ts";

const most = 25;

/**
 * What a channel missed: stored messages that it asks to have replayed, and those that the feed brought before
 * anybody could join. The channel remembers their ids, since the live copy may still be on its way.
 * @throws RefusedError
 */
export async function readReplay(channel: Channel, services: Services): Promise<FanOut[]> {
  const stored = await readStored(channel, services);
  const { backlog } = services;
  if (!channel.private || !channel.hears("broadcast")) return stored;
  channel.onClose(() => backlog.leave(channel.name, channel));
  const fresh = backlog.take(channel.name, channel).filter(({ id }) => !channel.replayed.has(id));
  return [...stored, ...fresh.map(({ message }) => message)];
}

async function readStored(channel: Channel, { database }: Services): Promise<FanOut[]> {
  const { replay } = channel.params.broadcast;
  if (replay === undefined) return [];
  if (!channel.private) {
    throw new RefusedError("UnableToReplayMessages", "Replay is not allowed for public channels");
  }
  if (!channel.read?.broadcast) {
    const text = `You do not have permissions to read from this Channel topic: ${channel.name}`;
    throw new RefusedError("Unauthorized", text);
  }
  const { since, limit } = readParams(replay);
  const rows = await database.query<StoredMessage>(newest, [channel.name, since, limit]).catch(() => {
    throw new RefusedError("UnableToReplayMessages", "Realtime was unable to replay messages");
  });
  return rows.reverse().map((row) => {
    channel.replayed.add(row.id);
    return broadcastOf(channel.topic, row, { replayed: true, id: row.id });
  });
}

const newest = `
  select id, event, payload::text as payload, binary_payload::text as bytes from realtime.messages
  where topic = $1 and private and extension = 'broadcast' and event is not null
    and (expires_at is null or expires_at > now())
    and inserted_at >= to_timestamp($2 / 1000.0) at time zone 'UTC'
  order by inserted_at desc limit $3`;

/** Milliseconds since 1970, and how many of the newest. */
function readParams(replay: unknown): { since: number; limit: number } {
  const { since = 0, limit = most } = (typeof replay === "object" && replay !== null ? replay : {}) as {
    since?: unknown;
    limit?: unknown;
  };
  if (!isWhole(since) || !isWhole(limit)) {
    throw new RefusedError("UnableToReplayMessages", "Replay params are not valid");
  }
  return { since, limit: Math.max(1, Math.min(limit, most)) };
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
