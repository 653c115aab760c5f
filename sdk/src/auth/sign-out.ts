import type { Connection } from "../connect.ts";
import { isTrackItError } from "../errors.ts";
import { throwIfAborted } from "../failure/network.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";

interface SignOutOptions extends CallOptions {
  scope?: keyof typeof SCOPES | undefined;
  local?: "keep" | "wipe" | undefined;
}

const ACTION = "auth.signOut";
const SCOPES = { here: "local", others: "others", everywhere: "global" } as const;

export async function signOut(
  { client, vault, keeper, leaving }: Connection,
  { scope = "here", local = "keep", signal }: SignOutOptions = {},
): Promise<void> {
  throwIfAborted(signal, ACTION);
  const wipe = local === "wipe" && scope !== "others";
  const user = local === "wipe" && keeper ? await vault?.user() : null;
  // Before anybody hears of it: whoever signs in again at once must not have sent what was to be deleted.
  if (user && scope === "here") await keeper?.wipe(user);
  const left = scope === "others" ? null : await leaving?.({ wipe });
  if (scope === "here") await left?.();
  try {
    await ask(ACTION, signal, async () => {
      const { error } = await client.auth.signOut({ scope: SCOPES[scope] });
      return error ? { data: null, error } : { data: null, error: null };
    });
  } catch (error) {
    if (scope === "here" && !isTrackItError(error, "NETWORK_ABORTED")) await forget(client, vault);
    throw error;
  }
  if (scope !== "everywhere") return;
  if (user) await keeper?.wipe(user);
  await left?.();
}

/** Ends the session of this device without a network: without a session the auth client asks nobody. */
async function forget(client: Connection["client"], vault: Connection["vault"]): Promise<void> {
  await vault?.removeItem(vault.tabKey);
  await client.auth.signOut({ scope: "local" });
}
