import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import { ask } from "./ask.ts";
import { checkedAccount } from "./check.ts";
import { session } from "./session.ts";
import type { Factor, Session, Totp } from "./types.ts";

export function createTotp(connection: Connection): Totp {
  const { mfa } = connection.client.auth;

  async function prove(
    factorId: string,
    code: string,
    action: string,
    signal?: AbortSignal,
  ): Promise<Session> {
    const given = await checkedAccount("totpOnly", { code }, action);
    await ask(action, signal, () => mfa.challengeAndVerify({ factorId, ...given }));
    const now = await session(connection, { signal });
    if (now) return now;
    throw new TrackItError("AUTH_REQUIRED", `${action}: the session ended meanwhile`);
  }

  async function list(signal?: AbortSignal): Promise<Factor[]> {
    const { all } = await ask("auth.totp.list", signal, () => mfa.listFactors());
    const totp = all.filter((factor) => factor.factor_type === "totp");
    return totp.map((factor) => ({
      id: factor.id,
      name: factor.friendly_name || null,
      verified: factor.status === "verified",
      createdAt: factor.created_at,
    }));
  }

  return {
    async enrol({ name, signal } = {}) {
      const wanted = { factorType: "totp" as const, ...(name === undefined ? {} : { friendlyName: name }) };
      const { id, totp } = await ask("auth.totp.enrol", signal, () => mfa.enroll(wanted));
      return { factorId: id, secret: totp.secret, uri: totp.uri, qrCode: totp.qr_code };
    },
    verify: (factorId, code, { signal } = {}) => prove(factorId, code, "auth.totp.verify", signal),
    async challenge(code, { factorId, signal } = {}) {
      const chosen = factorId ?? (await list(signal)).find((factor) => factor.verified)?.id;
      if (chosen) return prove(chosen, code, "auth.totp.challenge", signal);
      throw new TrackItError("AUTH_FACTOR", "auth.totp.challenge: no second factor is enrolled");
    },
    list: ({ signal } = {}) => list(signal),
    async remove(factorId, { signal } = {}) {
      await ask("auth.totp.remove", signal, () => mfa.unenroll({ factorId }));
    },
  };
}
