import type { Session as RawSession } from "@supabase/supabase-js";
import { TrackItError } from "../errors.ts";
import { fromAuth } from "../failure/auth.ts";
import { untilAborted } from "../failure/network.ts";
import { toSession } from "./shape.ts";
import type { Session } from "./types.ts";

/** Waits for an answer of the auth client and throws what it refuses with. */
export async function ask<Answer extends { data: unknown; error: unknown }>(
  action: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Answer>,
): Promise<Extract<Answer, { error: null }>["data"]> {
  try {
    const { data, error } = await untilAborted(work, signal, action);
    if (error) throw error;
    return data;
  } catch (cause) {
    throw fromAuth(cause, action, signal);
  }
}

/** For calls that must bring a session. */
export function sessionIn(data: { session: RawSession | null }, action: string): Session {
  if (data.session) return toSession(data.session);
  throw new TrackItError("NETWORK_SERVER", `${action}: the server answered without a session`);
}
