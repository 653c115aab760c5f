import type { Connection } from "../connect.ts";
import { toColumns } from "../rows/camel.ts";
import { call } from "../transport/rest.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";
import { checkedAccount } from "./check.ts";
import { toSession } from "./shape.ts";
import type { Session, SignUpInput } from "./types.ts";

const ACTION = "auth.signUp";

export async function signUp(
  { client, vault }: Connection,
  input: SignUpInput,
  { signal }: CallOptions = {},
): Promise<{ session: Session | null }> {
  const { email, password, redirectTo, ...given } = await checkedAccount("signUp", input, ACTION);
  // The sign-up itself refuses no username: its answer would tell whether the address has an account.
  await call(client, "check_username", { username: given.username }, ACTION, signal);
  const here = Intl.DateTimeFormat().resolvedOptions();
  const profile = toColumns({ locale: here.locale, timeZone: here.timeZone, ...toDefined(given) });
  const options = { data: profile, ...(redirectTo === undefined ? {} : { emailRedirectTo: redirectTo }) };
  const send = () => client.auth.signUp({ email, password, options });
  const data = await ask(ACTION, signal, () => (vault ? vault.signingIn(undefined, send) : send()));
  return { session: data.session && toSession(data.session) };
}

function toDefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
