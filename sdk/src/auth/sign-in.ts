import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import type { CallOptions } from "../types.ts";
import { ask, sessionIn } from "./ask.ts";
import { checkedAccount } from "./check.ts";
import type { Remember, Session, SignInInput } from "./types.ts";

const ACTION = "auth.signIn";

export async function signIn(
  { client, vault }: Connection,
  input: SignInInput,
  { signal }: CallOptions = {},
): Promise<Session> {
  const { email, password, remember } = await checkedAccount("signIn", input, ACTION);
  if (remember && !vault) throw noVault(ACTION);
  const send = () => client.auth.signInWithPassword({ email, password });
  const data = await ask(ACTION, signal, () =>
    vault ? vault.signingIn(remember ?? vault.fallback, send) : send(),
  );
  return sessionIn(data, ACTION);
}

export async function remember({ vault }: Connection, choice: Remember): Promise<void> {
  if (!vault) throw noVault("auth.remember");
  await vault.move(choice);
}

function noVault(action: string): TrackItError {
  return new TrackItError(
    "USAGE_STORAGE",
    `${action}: this client keeps its session in a storage of its own`,
    {
      field: "remember",
      rule: "a client made by createTrackIt({ url, key })",
    },
  );
}
