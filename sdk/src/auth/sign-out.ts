import type { Connection } from "../connect.ts";
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
  await ask("auth.signOut", signal, async () => {
    const { error } = await client.auth.signOut({ scope: SCOPES[scope] });
    return error ? { data: null, error } : { data: null, error: null };
  });
  if (user && scope !== "others") await keeper?.wipe(user);
}
