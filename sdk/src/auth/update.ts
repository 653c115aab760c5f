import type { UserAttributes } from "@supabase/supabase-js";
import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import { emailOnly } from "../schema/account.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";
import { checkedPassword } from "./recover.ts";
import { toUser } from "./shape.ts";
import type { User } from "./types.ts";

export async function updateEmail(
  { client }: Connection,
  email: string,
  { redirectTo, signal }: CallOptions & { redirectTo?: string | undefined } = {},
): Promise<User> {
  const change = checked(emailOnly, { email }, "auth.updateEmail");
  const options = redirectTo === undefined ? {} : { emailRedirectTo: redirectTo };
  const data = await ask("auth.updateEmail", signal, () => client.auth.updateUser(change, options));
  return toUser(data.user);
}

export async function updatePassword(
  { client }: Connection,
  password: string,
  options: CallOptions & { code?: string | undefined; currentPassword?: string | undefined } = {},
): Promise<User> {
  const change: UserAttributes = { password: checkedPassword(password, "auth.updatePassword") };
  if (options.code !== undefined) change.nonce = options.code.trim();
  if (options.currentPassword !== undefined) change.current_password = options.currentPassword;
  const data = await ask("auth.updatePassword", options.signal, () => client.auth.updateUser(change));
  return toUser(data.user);
}

export async function reauthenticate({ client }: Connection, { signal }: CallOptions = {}): Promise<void> {
  await ask("auth.reauthenticate", signal, () => client.auth.reauthenticate());
}
