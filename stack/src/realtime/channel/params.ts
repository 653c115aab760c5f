import { randomUUID } from "node:crypto";
import type { Payload } from "../wire/message.ts";

/** What a client wants of a channel, with the server's defaults for what it leaves out. */
export interface JoinParams {
  private: boolean;
  broadcast: { self: boolean; ack: boolean; replicationReady: boolean; replay: unknown };
  presence: { key: string; enabled: boolean };
  /** As they came: they are sent back, each with its id. */
  changes: Payload[];
  /** Milliseconds to wait for the subscription before the answer; null answers at once. */
  changesWait: number | null;
  token: string | null;
}

/** Subscriptions of one channel at most. */
const maxChanges = 100;
const defaultWait = 15_000;
const longestWait = 20_000;

/** Reads the payload of `phx_join`; what is of another type than wanted counts as left out. */
export function readJoin(payload: Payload): JoinParams {
  const config = record(payload.config);
  const broadcast = record(config.broadcast);
  const presence = record(config.presence);
  const options = record(config.postgres_changes_options);
  const changes = Array.isArray(config.postgres_changes) ? config.postgres_changes : [];
  const token = payload.access_token ?? payload.user_token;
  return {
    private: config.private === true,
    broadcast: {
      self: broadcast.self === true,
      ack: broadcast.ack === true,
      replicationReady: broadcast.replication_ready === true,
      replay: broadcast.replay,
    },
    presence: {
      key: (typeof presence.key === "string" && presence.key) || randomUUID(),
      enabled: presence.enabled === true,
    },
    changes: changes.map(record).slice(0, maxChanges),
    changesWait: options.wait === true ? waitOf(options.timeout) : null,
    token: typeof token === "string" && !token.startsWith("sb_") ? token : null,
  };
}

const waitOf = (wanted: unknown) =>
  typeof wanted === "number" && wanted > 0 ? Math.min(wanted, longestWait) : defaultWait;

const record = (value: unknown): Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Payload) : {};
