import type { Connection } from "../connect.ts";
import { isTrackItError } from "../errors.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";
import { toSession, toUser } from "./shape.ts";
import type { Session, User } from "./types.ts";

export async function session({ client }: Connection, { signal }: CallOptions = {}): Promise<Session | null> {
  const data = await unlessSignedOut(() => ask("auth.session", signal, () => client.auth.getSession()));
  return data?.session ? toSession(data.session) : null;
}

export async function user({ client }: Connection, { signal }: CallOptions = {}): Promise<User | null> {
  const data = await unlessSignedOut(() => ask("auth.user", signal, () => client.auth.getUser()));
  return data?.user ? toUser(data.user) : null;
}

/**
 * The id in the stored session, without asking the server; null when signed out.
 *
 * @throws NETWORK_ codes, when the session had to be renewed and could not: that is not to be signed out
 */
export async function userId(
  { client }: Connection,
  action: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const data = await unlessSignedOut(() => ask(action, signal, () => client.auth.getSession()));
  return data?.session?.user.id ?? null;
}

async function unlessSignedOut<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isTrackItError(error, "AUTH_REQUIRED")) return null;
    throw error;
  }
}
