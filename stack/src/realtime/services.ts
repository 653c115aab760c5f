import type { Log } from "../part.ts";
import type { Database } from "./access/database.ts";
import type { Identities } from "./access/identity.ts";
import type { Policies } from "./access/policies.ts";
import type { Changes } from "./changes/changes.ts";
import type { Backlog } from "./feed/backlog.ts";
import type { Feed } from "./feed/feed.ts";
import type { Hub } from "./hub.ts";
import type { Rate } from "./limits/rate.ts";
import type { RealtimeConfig } from "./settings.ts";

/** What every channel shares. */
export interface Services {
  config: RealtimeConfig;
  identities: Identities;
  database: Database;
  policies: Policies;
  hub: Hub;
  feed: Feed;
  changes: Changes;
  backlog: Backlog;
  /** Events of the whole project, over a minute. */
  events: Rate;
  log: Log;
}

export const tooManyEvents = ({ events, config }: Services, more = 0): boolean =>
  events.average + more > config.max_events_per_second;

export const tooLarge = (bytes: number, { config }: Services): boolean =>
  bytes > config.max_payload_size_in_kb * 1000;
