import type { VerifyOtpParams } from "@supabase/supabase-js";
import type { Connection } from "../connect.ts";
import type { CallOptions } from "../types.ts";
import { ask } from "./ask.ts";
import { checkedAccount } from "./check.ts";
import { toSession } from "./shape.ts";
import type { MailKind, MailProof, Session } from "./types.ts";

export async function confirm(
  connection: Connection,
  proof: MailProof,
  { signal }: CallOptions = {},
  action = "auth.confirm",
  fallback: MailKind = "signup",
): Promise<Session | null> {
  const { client, vault } = connection;
  const params = toParams(await checkedAccount("mailProof", proof, action), fallback);
  const send = () => client.auth.verifyOtp(params);
  const data = await ask(action, signal, () => (vault ? vault.signingIn(undefined, send) : send()));
  return data.session && toSession(data.session);
}

function toParams(proof: MailProof, fallback: MailKind): VerifyOtpParams {
  const type = proof.kind ?? fallback;
  if ("tokenHash" in proof) return { token_hash: proof.tokenHash, type };
  return { email: proof.email, token: proof.code, type };
}
