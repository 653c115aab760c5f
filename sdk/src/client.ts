import { createActivitiesOn } from "./activities/index.ts";
import { authOn } from "./auth/verbs.ts";
import { chatOn } from "./chat/index.ts";
import { type Connection, connect } from "./connect.ts";
import { filesOn } from "./files/index.ts";
import { createGoalsOn } from "./goals/index.ts";
import { createLimitsOn } from "./limits/index.ts";
import { liveOn } from "./live/index.ts";
import { createMailOn } from "./mail/index.ts";
import { emptyOutbox, type Offline, offlineOn } from "./outbox/index.ts";
import { createProfilesOn } from "./profiles/index.ts";
import { sharesOn } from "./shares/index.ts";
import { createTasksOn } from "./tasks/index.ts";
import type { AppClient, TrackIt, TrackItOptions } from "./trackit.ts";
import { createTransfer } from "./transfer/index.ts";

/**
 * A TrackIt client: accounts, profiles, goals, tasks and their feed on one Supabase project.
 *
 * @param source The project's url and publishable key, or a Supabase client that the app has made itself.
 * @throws USAGE_INVALID for a url or key that cannot be one.
 * @example
 * ```ts
 * const trackit = createTrackIt({ url, key });
 * await trackit.auth.signIn({ email, password });
 * const goal = await trackit.goals.create({ title: "Run a marathon" });
 * ```
 */
export function createTrackIt(source: TrackItOptions | AppClient): TrackIt {
  const connection = connect(source);
  const offline = offlineFor(connection, source);
  connection.keeper = offline?.keeper ?? null;
  const live = liveOn(connection, offline?.outbox ?? null);
  connection.live = live;
  const chat = chatOn(connection, live, ("chat" in source && source.chat) || {});
  return {
    auth: authOn(connection),
    profiles: createProfilesOn(connection),
    goals: createGoalsOn(connection),
    tasks: createTasksOn(connection),
    activities: createActivitiesOn(connection),
    ...chat.nouns,
    ...filesOn(connection, chat.keys),
    shares: sharesOn(connection, chat.keys),
    limits: createLimitsOn(connection),
    outbox: offline?.outbox ?? emptyOutbox,
    mail: createMailOn(connection),
    connection: live.connection,
    presence: (payload, options = {}) => live.presence(payload, options),
    ...createTransfer(connection),
    supabase: connection.client,
    close: async () => {
      await chat.close();
      await live.close();
      await close(connection, offline);
    },
  };
}

function offlineFor(connection: Connection, source: TrackItOptions | AppClient): Offline | null {
  const wanted = "offline" in source ? source.offline : false;
  if (!wanted) return null;
  return offlineOn(connection, wanted === true ? {} : wanted);
}

async function close({ client, vault }: Connection, offline: Offline | null): Promise<void> {
  await offline?.close();
  // A client of the app's own goes on, with its session and its channels.
  if (!vault) return;
  await client.auth.dispose();
  // Where it cannot be loaded, nothing has opened a socket.
  const transport = await import("./transport/realtime.ts").catch(() => null);
  await transport?.disconnect(client);
}
