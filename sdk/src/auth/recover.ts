import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";
import { checkedAccount } from "./check.ts";
import { confirm } from "./confirm.ts";
import { session } from "./session.ts";
import type { MailProof, Session } from "./types.ts";

export async function recover(
  { client }: Connection,
  email: string,
  { redirectTo, signal }: CallOptions & { redirectTo?: string | undefined } = {},
): Promise<void> {
  const { email: address } = await checkedAccount("emailOnly", { email }, "auth.recover");
  const options = redirectTo === undefined ? {} : { redirectTo };
  await ask("auth.recover", signal, () => client.auth.resetPasswordForEmail(address, options));
}

export async function resend(
  { client }: Connection,
  email: string,
  { kind = "signup", signal }: CallOptions & { kind?: "signup" | "email_change" | undefined } = {},
): Promise<void> {
  const { email: address } = await checkedAccount("emailOnly", { email }, "auth.resend");
  await ask("auth.resend", signal, () => client.auth.resend({ type: kind, email: address }));
}

const RESET = "auth.resetPassword";
/** Proofs that have been accepted: a password that is then refused may be corrected with the same proof. */
const accepted = new WeakMap<Connection, string>();

export async function resetPassword(
  connection: Connection,
  { password, ...proof }: MailProof & { password: string },
  options: CallOptions = {},
): Promise<Session> {
  const change = await checkedAccount("passwordOnly", { password }, RESET);
  const seal = JSON.stringify(proof);
  if (accepted.get(connection) !== seal) {
    await confirm(connection, proof as MailProof, options, RESET, "recovery");
    accepted.set(connection, seal);
  }
  await ask(RESET, options.signal, () => connection.client.auth.updateUser(change));
  accepted.delete(connection);
  const now = await session(connection, options);
  if (now) return now;
  throw new TrackItError("AUTH_REQUIRED", `${RESET}: the session ended meanwhile`);
}
