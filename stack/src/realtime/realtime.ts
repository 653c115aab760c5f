import { createIdentifier } from "../gateway/identify.ts";
import type { UpgradePart } from "../gateway/node-part.ts";
import { createTokenVerifier } from "../gateway/tokens.ts";
import type { StackKeys } from "../keys/keys.ts";
import type { Log } from "../part.ts";
import { openDatabase } from "./access/database.ts";
import { createIdentities } from "./access/identity.ts";
import { openLogin } from "./access/login.ts";
import { createPolicies } from "./access/policies.ts";
import { Changes } from "./changes/changes.ts";
import { Backlog } from "./feed/backlog.ts";
import { createDispatch } from "./feed/dispatch.ts";
import { Feed } from "./feed/feed.ts";
import { answer } from "./http/index.ts";
import { Hub } from "./hub.ts";
import { Rate } from "./limits/rate.ts";
import { keepPartitions } from "./partitions.ts";
import type { Services } from "./services.ts";
import type { RealtimeConfig } from "./settings.ts";
import { Connections } from "./socket/connections.ts";

export interface RealtimeOptions {
  /** As the superuser: opens the login of `supabase_realtime_admin` and keeps the partitions. */
  adminDatabaseUrl: string;
  keys: StackKeys;
  config: RealtimeConfig;
  /** The `iss` of user tokens. */
  issuer: string;
  log: Log;
}

export interface RealtimePart extends UpgradePart {
  /** Open WebSockets. */
  readonly connections: number;
}

/**
 * Serves Supabase Realtime: broadcast, presence and changes of the database over WebSockets.
 * @throws Error when the database lacks what Realtime needs
 */
export async function createRealtime(options: RealtimeOptions): Promise<RealtimePart> {
  const { adminDatabaseUrl, keys, config, issuer, log } = options;
  const url = await openLogin(adminDatabaseUrl);
  const verify = await createTokenVerifier(keys, issuer);
  const database = openDatabase(url, log);
  const hub = new Hub();
  const backlog = new Backlog(config.backlog_ms);
  const changes = new Changes(database, log);
  const feed = new Feed({ url, database, listener: createDispatch(hub, backlog, changes, log), log });
  const partitions = keepPartitions(adminDatabaseUrl, log);
  const services: Services = {
    config,
    identities: createIdentities(createIdentifier(keys, verify), verify),
    database,
    policies: createPolicies(database, partitions, log),
    hub,
    feed,
    changes,
    backlog,
    events: new Rate(60),
    log,
  };
  const connections = new Connections(services);
  feed.start();
  return {
    get connections() {
      return connections.size;
    },
    fetch: (request, context) => answer(request, context, services),
    upgrade: (req, socket, head) => void connections.upgrade(req, socket, head),
    async close() {
      connections.close();
      partitions.stop();
      await feed.stop();
      await database.close();
    },
  };
}
