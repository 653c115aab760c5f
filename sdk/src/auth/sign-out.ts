import type { Connection } from "../connect.ts";
import { isTrackItError } from "../errors.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";

interface SignOutOptions extends CallOptions {
  scope?: keyof typeof SCOPES | undefined;
  local?: "keep" | "wipe" | undefined;
}

const SCOPES = { here: "local", others: "others", everywhere: "global" } as const;

export async function signOut(
  { client, vault, keeper }: Connection,
  { scope = "here", local = "keep", signal }: SignOutOptions = {},
): Promise<void> {
  const user = local === "wipe" && keeper ? await vault?.user() : null;
  try {
    await ask("auth.signOut", signal, async () => {
      const { error } = await client.auth.signOut({ scope: SCOPES[scope] });
      return error ? { data: null, error } : { data: null, error: null };
    });
  } catch (error) {
    if (scope === "here" && !isTrackItError(error, "NETWORK_ABORTED")) {
      await forget(client, vault);
      if (user) await keeper?.wipe(user);
    }
    throw error;
  }
  if (user && scope !== "others") await keeper?.wipe(user);
}

/** Ends the session of this device without a network: without a session the auth client asks nobody. */
async function forget(client: Connection["client"], vault: Connection["vault"]): Promise<void> {
  await vault?.removeItem(vault.tabKey);
  await client.auth.signOut({ scope: "local" });
}
