import { RefusedError } from "../access/identity.ts";
import type { Permission } from "../access/policies.ts";
import { checkSession } from "../access/sessions.ts";
import type { Services } from "../services.ts";
import type { Incoming } from "../wire/message.ts";
import type { Channel } from "./channel.ts";
import { permissionsOf } from "./join.ts";
import { subscribeChanges } from "./subscribe.ts";

/**
 * A new token for an open channel: policies are read again, and what was cached of the old token is forgotten.
 * There is no answer when all is well; a channel that may no longer be read is told so, and closed.
 */
export async function refreshToken(
  channel: Channel,
  { payload }: Incoming,
  services: Services,
): Promise<void> {
  const token = payload.access_token;
  // supabase-js sends its key as token when nobody is signed in.
  if (typeof token !== "string" || token.startsWith("sb_") || token === channel.identity.token) return;
  try {
    const identity = await services.identities.ofToken(token);
    const before = channel.read;
    const { endings } = services.hub;
    channel.read = await permissionsOf(identity, channel.name, channel.params, services);
    channel.identity = identity;
    channel.write = {};
    if (services.hub.endings !== endings) await checkSession(services.database, identity);
    if (channel.closed) return;
    if (isLost(before, channel.read)) {
      const text = `You no longer have permission to read from this Channel topic: ${channel.name}`;
      return channel.shutDown(text);
    }
    channel.watchExpiry();
    if (channel.params.changes.length > 0) await subscribeChanges(channel, services);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    channel.shutDown(error.message);
  }
}

const isLost = (before: Permission | null, now: Permission | null) =>
  before !== null &&
  now !== null &&
  ((before.broadcast && !now.broadcast) || (before.presence && !now.presence));
