import type { Connection } from "../connect.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";

const SCOPES = { here: "local", others: "others", everywhere: "global" } as const;

export async function signOut(
  { client }: Connection,
  { scope = "here", signal }: CallOptions & { scope?: keyof typeof SCOPES | undefined } = {},
): Promise<void> {
  await ask("auth.signOut", signal, async () => {
    const { error } = await client.auth.signOut({ scope: SCOPES[scope] });
    return error ? { data: null, error } : { data: null, error: null };
  });
}
