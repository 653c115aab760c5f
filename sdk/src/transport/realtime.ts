import type { RealtimeChannel, SupabaseClient } from "@supabase/supabase-js";
import { within } from "../retry/within.ts";
import type { Database } from "../schema/database.types.ts";
import { followPresence, type PresenceStates } from "./presence.ts";

export interface ChannelHandlers {
  joined(): void;
  /** Called once, when the channel could not be joined or has ended by itself; it is gone then. */
  lost(reason: string): void;
  broadcast?(event: string, payload: unknown): void;
  presence?(states: PresenceStates): void;
}

export interface OpenChannel {
  /** Says under which key to be present; whether the server took it. */
  track(payload: object): Promise<boolean>;
  leave(): void;
}

/** How long a channel may take to answer, and a socket to open. */
const JOIN_MS = 10_000;
const OPEN_MS = 10_000;
const LOOK_MS = 50;

/**
 * Joins a private channel, once: supabase-js would go on by itself with a topic that is over, so that whatever ends
 * the channel takes it away, and whoever wants it again asks again.
 *
 * @param key The presence key; null where nobody is to be seen.
 */
export function openChannel(
  client: SupabaseClient<Database>,
  topic: string,
  key: string | null,
  handlers: ChannelHandlers,
): OpenChannel {
  let channel: RealtimeChannel | null = null;
  let over = false;
  const leave = (): void => {
    over = true;
    const left = channel;
    channel = null;
    // Takes it off the client's list at once; the answer is of no interest.
    if (left) client.removeChannel(left).catch(() => {});
  };
  const lost = (reason: string): void => {
    if (over) return;
    leave();
    handlers.lost(reason);
  };

  async function join(): Promise<void> {
    // A channel that is joined before the client's first token has arrived is joined as a stranger's.
    await within(JOIN_MS, "realtime.setAuth", () => client.realtime.setAuth());
    await opened(client, () => over);
    if (over) return;
    const presence = key === null ? { enabled: false } : { key, enabled: true };
    const made = client.channel(topic, { config: { private: true, presence } });
    channel = made;
    made.on("broadcast", { event: "*" }, ({ event, payload }) => {
      if (channel === made) handlers.broadcast?.(event, payload);
    });
    if (key !== null)
      followPresence(made, (states) => {
        if (channel === made) handlers.presence?.(states);
      });
    made.subscribe((status, error) => {
      if (channel !== made) return;
      if (status === "SUBSCRIBED") handlers.joined();
      else lost(error?.message ?? status);
    }, JOIN_MS);
  }

  join().catch((error: unknown) => lost(String(error)));
  return {
    leave,
    track: async (payload) => (await channel?.track(payload)) === "ok",
  };
}

/**
 * Waits for the socket. A channel that is subscribed to while there is none leaves its frames in a queue, and one that
 * is tried again and again would flood the server with them when it is back.
 */
async function opened({ realtime }: SupabaseClient<Database>, given: () => boolean): Promise<void> {
  if (realtime.isConnected()) return;
  // supabase-js waits up to ten seconds before it tries again, also when the network is known to be back.
  if (!realtime.isConnecting() && !realtime.isDisconnecting()) await close(realtime);
  // A client may be told to disconnect with its last channel, and takes no call while it does.
  let leaving = realtime.isDisconnecting();
  realtime.connect();
  for (const end = Date.now() + OPEN_MS; !realtime.isConnected() && !given(); ) {
    const isTrying = leaving || realtime.isConnecting();
    if (!isTrying || Date.now() > end) throw new Error("the socket did not open");
    await aMoment();
    if (leaving && !realtime.isDisconnecting()) {
      leaving = false;
      realtime.connect();
    }
  }
}

/** Leaves every channel and closes the socket. */
export async function disconnect(client: SupabaseClient<Database>): Promise<void> {
  await Promise.all(client.getChannels().map((channel) => client.removeChannel(channel)));
  await close(client.realtime);
}

/**
 * Closes the socket. supabase-js gives it ten seconds for that, by a timer that it does not take back, which would
 * keep Node alive as long: the socket's own way to close is bounded as well.
 */
async function close(realtime: SupabaseClient<Database>["realtime"]): Promise<void> {
  const adapter: unknown = Reflect.get(realtime, "socketAdapter");
  if (isAdapter(adapter)) {
    const socket = adapter.getSocket();
    adapter.disconnect = (closed) =>
      new Promise((resolve) => {
        socket.disconnect(() => {
          closed();
          resolve("ok");
        });
      });
  }
  // While the other end closes it, the client takes no call, and would open it anew a moment later.
  for (const end = Date.now() + OPEN_MS; realtime.isDisconnecting() && Date.now() < end; ) await aMoment();
  await realtime.disconnect();
}

const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

interface Adapter {
  getSocket(): { disconnect(closed: () => void): void };
  disconnect(closed: () => void): Promise<"ok">;
}

/** A part of supabase-js that it does not document: where it looks otherwise, it is left as it is. */
function isAdapter(part: unknown): part is Adapter {
  return typeof part === "object" && part !== null && "disconnect" in part && "getSocket" in part;
}
