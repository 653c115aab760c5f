import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hotp } from "../../stack/src/auth/totp.ts";
import { type AuthKit, type Client, claimsOf, releaseNames, signIn, startAuthKit } from "./auth-kit.ts";

let kit: AuthKit;
beforeAll(async () => {
  kit = await startAuthKit({ enable_anonymous_sign_ins: true });
});
afterAll(() => kit.stop());

/** What an authenticator app shows; `ahead` steps of 30 s from now. */
const codeOf = (secret: string, ahead = 0): string => hotp(secret, Math.floor(Date.now() / 30_000) + ahead);

async function enrol(client: Client, name = "phone") {
  const { data, error } = await client.auth.mfa.enroll({
    factorType: "totp",
    friendlyName: name,
    issuer: "TrackIt",
  });
  if (error !== null) throw error;
  return data;
}

describe.each(releaseNames)("a second factor with supabase-js %s", (release) => {
  it("is enrolled, raises the session to aal2, is asked for again, and goes", async () => {
    const ada = await kit.join("ada", { release });
    const factor = await enrol(ada.client);
    expect(factor.totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<svg/);
    expect(factor.totp.uri).toContain(`secret=${factor.totp.secret}`);
    const first = await ada.client.auth.mfa.challengeAndVerify({
      factorId: factor.id,
      code: codeOf(factor.totp.secret),
    });
    expect(first.error).toBeNull();
    const claims = claimsOf(first.data?.access_token ?? "");
    expect(claims.aal).toBe("aal2");
    expect((claims.amr as { method: string }[]).map(({ method }) => method)).toEqual(["totp", "password"]);

    const other = kit.client({ release });
    await signIn(other, ada);
    expect((await other.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({
      currentLevel: "aal1",
      nextLevel: "aal2",
    });
    const barred = await other.auth.updateUser({ password: "battery staple 2" });
    expect(barred.error).toMatchObject({ status: 401, code: "insufficient_aal" });
    expect((await other.auth.mfa.unenroll({ factorId: factor.id })).error).toMatchObject({
      code: "insufficient_aal",
    });

    expect((await ada.client.auth.refreshSession()).error).toBeNull();
    expect((await ada.client.auth.mfa.unenroll({ factorId: factor.id })).error).toBeNull();
    const { data } = await ada.client.auth.refreshSession();
    expect(claimsOf(data.session?.access_token ?? "").aal).toBe("aal1");
  });
});

describe("a lost device", () => {
  it("is helped by an administrator, and sessions that rose by it fall back", async () => {
    const ada = await kit.join("ada");
    const factor = await enrol(ada.client);
    await ada.client.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor.totp.secret) });
    const { mfa } = kit.root().auth.admin;
    const { data } = await mfa.listFactors({ userId: ada.id });
    expect(data?.factors).toMatchObject([{ id: factor.id, status: "verified", friendly_name: "phone" }]);
    expect(JSON.stringify(data)).not.toContain(factor.totp.secret);
    expect((await mfa.deleteFactor({ id: factor.id, userId: ada.id })).error).toBeNull();
    const again = await mfa.deleteFactor({ id: factor.id, userId: ada.id });
    expect(again.error).toMatchObject({ status: 404, code: "mfa_factor_not_found" });
    const { data: after } = await ada.client.auth.refreshSession();
    expect(claimsOf(after.session?.access_token ?? "").aal).toBe("aal1");
  });
});

describe("a code of the second factor", () => {
  it("is refused when it is wrong, and when it was used before", async () => {
    const ada = await kit.join("ada");
    const factor = await enrol(ada.client);
    const verify = (code: string) => ada.client.auth.mfa.challengeAndVerify({ factorId: factor.id, code });
    const wrong = codeOf(factor.totp.secret, 100);
    expect((await verify(wrong)).error).toMatchObject({ status: 422, code: "mfa_verification_failed" });
    const right = codeOf(factor.totp.secret);
    expect((await verify(right)).error).toBeNull();
    expect((await verify(right)).error).toMatchObject({ code: "mfa_verification_failed" });
    expect((await verify(codeOf(factor.totp.secret, 1))).error).toBeNull();
  });

  it("cannot be guessed: after 15 tries the factor rests", async () => {
    const ada = await kit.join("ada");
    const factor = await enrol(ada.client);
    const { data: asked } = await ada.client.auth.mfa.challenge({ factorId: factor.id });
    const path = `/factors/${factor.id}/verify`;
    const guess = () => kit.post(path, { challenge_id: asked?.id, code: "000000" }, ada.session.access_token);
    const answers = [];
    for (let i = 0; i < 16; i++) answers.push(await guess());
    expect(answers.at(-2)).toMatchObject({ status: 422 });
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: "over_request_rate_limit" } });
  });

  it("of ada's factor is nothing to eve", async () => {
    const [ada, eve] = [await kit.join("ada"), await kit.join("eve")];
    const factor = await enrol(ada.client);
    const { error } = await eve.client.auth.mfa.challengeAndVerify({
      factorId: factor.id,
      code: codeOf(factor.totp.secret),
    });
    expect(error).toMatchObject({ status: 404, code: "mfa_factor_not_found" });
  });

  it("names are not given twice", async () => {
    const ada = await kit.join("ada");
    await enrol(ada.client, "phone");
    const { error } = await ada.client.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone" });
    expect(error).toMatchObject({ code: "mfa_factor_name_conflict" });
  });
});

describe("an anonymous visitor", () => {
  it("has a session at once, and becomes a permanent user by an address", async () => {
    const client = kit.client();
    const { data, error } = await client.auth.signInAnonymously();
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ is_anonymous: true, role: "authenticated" });
    expect(claimsOf(data.session?.access_token ?? "")).toMatchObject({
      is_anonymous: true,
      amr: [{ method: "anonymous" }],
    });
    const { email } = kit.person("ada");
    expect((await client.auth.updateUser({ email })).error).toBeNull();
    const { hash } = await kit.mail(email);
    const kept = await client.auth.verifyOtp({ token_hash: hash, type: "email_change" });
    expect(kept.data.user).toMatchObject({ id: data.user?.id, email, is_anonymous: false });
  });
});
