import { renderSVG } from "uqr";
import type { AuthContext, Call, Handler } from "../context.ts";
import { AuthError, invalid } from "../errors.ts";
import { json, text, uuid } from "../http.ts";
import type { SignedIn } from "../session.ts";
import { requireUser, sessionJson } from "../session.ts";
import { actorOf, audit } from "../store/audit.ts";
import {
  claimChallenge,
  dropStaleFactors,
  endLowerSessions,
  factorsOf,
  insertChallenge,
  insertFactor,
  raiseSession,
  removeFactor,
} from "../store/factors.ts";
import { addMethod } from "../store/sessions.ts";
import type { FactorRow } from "../store/user-json.ts";
import { lockUser } from "../store/users.ts";
import { newTotpSecret, totpStep, totpUri } from "../totp.ts";

async function ownFactor(auth: AuthContext, call: Call, { user }: SignedIn): Promise<FactorRow> {
  const id = uuid(call.params.factor, "factor_id");
  const factor = (await factorsOf(auth.sql, user.id)).find((row) => row.id === id);
  if (factor === undefined) throw new AuthError(404, "mfa_factor_not_found", "Factor not found");
  return factor;
}

function checkRoom(
  auth: AuthContext,
  { session }: SignedIn,
  factors: readonly FactorRow[],
  name: string,
): void {
  if (!auth.settings.totpEnroll) {
    throw new AuthError(422, "mfa_totp_enroll_not_enabled", "MFA enroll is disabled for TOTP");
  }
  if (factors.length >= auth.settings.maxFactors) {
    const message = "Maximum number of verified factors reached, unenroll to continue";
    throw new AuthError(422, "too_many_enrolled_mfa_factors", message);
  }
  if (factors.some((factor) => factor.status === "verified") && session.aal !== "aal2") {
    throw new AuthError(403, "insufficient_aal", "AAL2 required to enroll a new factor");
  }
  if (name !== "" && factors.some((factor) => factor.friendly_name === name)) {
    const message = `A factor with the friendly name "${name}" for this user already exists`;
    throw new AuthError(422, "mfa_factor_name_conflict", message);
  }
}

function requireTotp(type: string): void {
  if (type === "totp") return;
  if (type === "phone" || type === "webauthn") {
    throw new AuthError(422, `mfa_${type}_enroll_not_enabled`, `MFA enroll is disabled for ${type}`);
  }
  throw invalid("factor_type needs to be totp");
}

/** POST /factors: a TOTP secret, unverified until a first code has shown that it was kept. */
export const enroll: Handler = async (auth, call) => {
  const signedIn = await requireUser(auth, call);
  const { user } = signedIn;
  requireTotp(text(call.body, "factor_type"));
  const name = text(call.body, "friendly_name");
  const issuer = text(call.body, "issuer") || new URL(auth.settings.siteUrl).host;
  const secret = newTotpSecret();
  const factor = await auth.sql.begin(async (tx) => {
    await lockUser(tx, user.id);
    await dropStaleFactors(tx, user.id);
    checkRoom(auth, signedIn, await factorsOf(tx, user.id), name);
    const made = await insertFactor(tx, user.id, name, secret);
    await audit(tx, call, actorOf(user), "factor_in_progress", { factor_id: made.id });
    return made;
  });
  const uri = totpUri(secret, issuer, user.email ?? user.id);
  return json({
    id: factor.id,
    type: "totp",
    friendly_name: name,
    totp: { qr_code: renderSVG(uri), secret, uri },
  });
};

/** POST /factors/:factor/challenge */
export const challenge: Handler = async (auth, call) => {
  const signedIn = await requireUser(auth, call);
  const factor = await ownFactor(auth, call, signedIn);
  auth.limits.request(auth.limits.factor, `challenge:${factor.id}`);
  const row = await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(signedIn.user), "challenge_created", { factor_id: factor.id });
    return insertChallenge(tx, factor.id, call.ip);
  });
  return json({ id: row.id, type: "totp", expires_at: row.expires_at });
};

function useCode(auth: AuthContext, factor: FactorRow, code: string): boolean {
  const step = totpStep(factor.secret ?? "", code, auth.usedSteps.get(factor.id));
  if (step !== null) auth.usedSteps.set(factor.id, step);
  return step !== null;
}

async function answerChallenge(auth: AuthContext, call: Call, signedIn: SignedIn, factor: FactorRow) {
  const { user, session } = signedIn;
  return auth.sql.begin(async (tx) => {
    await lockUser(tx, user.id);
    const asked = await claimChallenge(tx, factor.id, uuid(text(call.body, "challenge_id"), "challenge_id"));
    if (asked.expired) {
      const message = `MFA challenge ${asked.id} has expired, verify against another challenge or create a new challenge.`;
      throw new AuthError(422, "mfa_challenge_expired", message);
    }
    if (!useCode(auth, factor, text(call.body, "code"))) {
      throw new AuthError(422, "mfa_verification_failed", "Invalid TOTP code entered");
    }
    if (factor.status === "unverified") {
      await tx`update auth.mfa_factors set status = 'verified', updated_at = now() where id = ${factor.id}`;
      await tx`delete from auth.mfa_factors where user_id = ${user.id} and status = 'unverified'`;
    }
    const raised = await raiseSession(tx, session, factor.id);
    await addMethod(tx, session.id, "totp");
    await endLowerSessions(tx, user.id);
    await audit(tx, call, actorOf(user), "verification_attempted", { factor_id: factor.id });
    return sessionJson(auth, tx, { user, ...raised });
  });
}

/** POST /factors/:factor/verify: a code for a session at aal2; the first one also makes the factor count. */
export const verifyFactor: Handler = async (auth, call) => {
  const signedIn = await requireUser(auth, call);
  const factor = await ownFactor(auth, call, signedIn);
  if (!auth.settings.totpVerify) {
    throw new AuthError(422, "mfa_totp_verify_not_enabled", "MFA verification is disabled for TOTP");
  }
  auth.limits.request(auth.limits.factor, `verify:${factor.id}`);
  return json(await answerChallenge(auth, call, signedIn, factor));
};

/** DELETE /factors/:factor: a verified one only from a session that has shown it. */
export const unenroll: Handler = async (auth, call) => {
  const signedIn = await requireUser(auth, call);
  const factor = await ownFactor(auth, call, signedIn);
  if (factor.status === "verified" && signedIn.session.aal !== "aal2") {
    throw new AuthError(422, "insufficient_aal", "AAL2 required to unenroll verified factor");
  }
  await auth.sql.begin(async (tx) => {
    await audit(tx, call, actorOf(signedIn.user), "factor_unenrolled", { factor_id: factor.id });
    await removeFactor(tx, factor.id);
  });
  return json({ id: factor.id });
};
