import type { UserAttributes } from "@supabase/supabase-js";
import type { Connection } from "../connect.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";
import { checkedAccount } from "./check.ts";
import { toUser } from "./shape.ts";
import type { User } from "./types.ts";

export async function updateEmail(
  { client }: Connection,
  email: string,
  { redirectTo, signal }: CallOptions & { redirectTo?: string | undefined } = {},
): Promise<User> {
  const change = await checkedAccount("emailOnly", { email }, "auth.updateEmail");
  const options = redirectTo === undefined ? {} : { emailRedirectTo: redirectTo };
  const data = await ask("auth.updateEmail", signal, () => client.auth.updateUser(change, options));
  return toUser(data.user);
}

export async function updatePassword(
  { client }: Connection,
  password: string,
  options: CallOptions & { code?: string | undefined; currentPassword?: string | undefined } = {},
): Promise<User> {
  const change: UserAttributes = await checkedAccount("passwordOnly", { password }, "auth.updatePassword");
  if (options.code !== undefined) change.nonce = options.code.trim();
  if (options.currentPassword !== undefined) change.current_password = options.currentPassword;
  const data = await ask("auth.updatePassword", options.signal, () => client.auth.updateUser(change));
  return toUser(data.user);
}

export async function reauthenticate({ client }: Connection, { signal }: CallOptions = {}): Promise<void> {
  await ask("auth.reauthenticate", signal, () => client.auth.reauthenticate());
}
