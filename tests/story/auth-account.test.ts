import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthKit, follow, releaseNames, signIn, startAuthKit } from "./auth-kit.ts";

const NEW_PASSWORD = "battery staple 2";

let kit: AuthKit;
beforeAll(async () => {
  kit = await startAuthKit();
});
afterAll(() => kit.stop());

describe.each(releaseNames)("a forgotten password with supabase-js %s", (release) => {
  it("is set anew by the link of a mail; the old one and other sessions die", async () => {
    const ada = await kit.join("ada", { release });
    const client = kit.client({ release });
    expect((await client.auth.resetPasswordForEmail(ada.email)).error).toBeNull();
    const { hash, text } = await kit.mail(ada.email);
    expect(text).toContain("/auth/confirm?token_hash=");
    const opened = await client.auth.verifyOtp({ token_hash: hash, type: "recovery" });
    expect(opened.error).toBeNull();
    const changed = await client.auth.updateUser({ password: NEW_PASSWORD });
    expect(changed.error).toBeNull();

    const old = await kit.client({ release }).auth.signInWithPassword(ada);
    expect(old.error).toMatchObject({ status: 400, code: "invalid_credentials" });
    expect((await signIn(kit.client({ release }), { ...ada, password: NEW_PASSWORD })).user.id).toBe(ada.id);
    expect((await ada.client.auth.getUser()).error).not.toBeNull();
    expect((await client.auth.getUser()).error).toBeNull();
  });

  it("works through the address of the real server's own link, to a page that is allowed", async () => {
    const ada = await kit.join("ada", { release });
    const { data } = await kit.root(release).auth.admin.generateLink({
      type: "recovery",
      email: ada.email,
      options: { redirectTo: "http://localhost:5173/new-password" },
    });
    const page = await follow(data.properties?.action_link ?? "");
    expect(page.origin + page.pathname).toBe("http://localhost:5173/new-password");
    const fragment = new URLSearchParams(page.hash.slice(1));
    expect(fragment.get("type")).toBe("recovery");
    const client = kit.client({ release });
    const { error } = await client.auth.setSession({
      access_token: fragment.get("access_token") ?? "",
      refresh_token: fragment.get("refresh_token") ?? "",
    });
    expect(error).toBeNull();
    const again = await follow(data.properties?.action_link ?? "");
    expect(new URLSearchParams(again.hash.slice(1)).get("error_code")).toBe("otp_expired");
  });
});

describe.each(releaseNames)("a flow with proof of its device (PKCE), supabase-js %s", (release) => {
  it("ends in a session on the device that began it, and nowhere else", async () => {
    const ada = kit.person("ada");
    const client = kit.client({ release, flowType: "pkce" });
    await client.auth.signUp({ ...ada, options: { data: ada.data } });
    const { hash } = await kit.mail(ada.email);
    expect(hash).toMatch(/^pkce_/);
    const query = new URLSearchParams({
      token: hash,
      type: "signup",
      redirect_to: "http://localhost:5173/in",
    });
    const page = await follow(`${kit.url}/verify?${query}`);
    const code = page.searchParams.get("code") ?? "";
    expect(page.hash).toBe("");

    const stranger = await kit.post("/token?grant_type=pkce", {
      auth_code: code,
      code_verifier: "x".repeat(56),
    });
    expect(stranger).toMatchObject({ status: 400, body: { code: "bad_code_verifier" } });
    const { data, error } = await client.auth.exchangeCodeForSession(code);
    expect(error).toBeNull();
    expect(data.user?.email).toBe(ada.email);
    const replay = await kit.post("/token?grant_type=pkce", {
      auth_code: code,
      code_verifier: "x".repeat(56),
    });
    expect(replay).toMatchObject({ status: 404, body: { code: "flow_state_not_found" } });
  });

  it("takes the hash of the mail as well, as pages with verifyOtp do", async () => {
    const ada = await kit.join("ada", { release });
    const client = kit.client({ release, flowType: "pkce" });
    await client.auth.resetPasswordForEmail(ada.email);
    const { hash } = await kit.mail(ada.email);
    const { data, error } = await client.auth.verifyOtp({ token_hash: hash, type: "recovery" });
    expect(error).toBeNull();
    expect(data.session?.user.id).toBe(ada.id);
  });
});

describe("signing in by mail alone", () => {
  it("works by code and by link for somebody known, and makes an account for somebody new", async () => {
    const ada = await kit.join("ada");
    const client = kit.client();
    expect((await client.auth.signInWithOtp({ email: ada.email })).error).toBeNull();
    const { code } = await kit.mail(ada.email);
    const { data } = await client.auth.verifyOtp({ email: ada.email, token: code, type: "email" });
    expect(data.user?.id).toBe(ada.id);

    const ben = kit.person("ben");
    await client.auth.signInWithOtp({ email: ben.email, options: { data: ben.data } });
    const { hash } = await kit.mail(ben.email);
    const joined = await client.auth.verifyOtp({ token_hash: hash, type: "email" });
    expect(joined.data.user?.user_metadata).toMatchObject({
      username: ben.data.username,
      email_verified: true,
    });
  });
});

describe("changing one's own account", () => {
  it("merges metadata, and leaves app_metadata and role to administrators", async () => {
    const ada = await kit.join("ada");
    const { data } = await ada.client.auth.updateUser({ data: { theme: "dark", display_name: null } });
    expect(data.user?.user_metadata).toMatchObject({ theme: "dark", username: ada.data.username });
    expect(data.user?.user_metadata).not.toHaveProperty("display_name");
    const response = await fetch(`${kit.url}/user`, {
      method: "PUT",
      headers: { apikey: kit.stack.env.PUBLISHABLE_KEY, authorization: `Bearer ${ada.session.access_token}` },
      body: JSON.stringify({ app_metadata: { role: "admin" } }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error_code: "not_admin" });
  });

  it("takes a new password that is strong and another than the old one", async () => {
    const ada = await kit.join("ada");
    const weak = await ada.client.auth.updateUser({ password: "short" });
    expect(weak.error).toMatchObject({ code: "weak_password" });
    const same = await ada.client.auth.updateUser({ password: ada.password });
    expect(same.error).toMatchObject({ status: 422, code: "same_password" });
    expect((await ada.client.auth.updateUser({ password: NEW_PASSWORD })).error).toBeNull();
  });

  it("asks for a mailed code before the password changes in an old session", async () => {
    const ada = await kit.join("ada");
    await kit.sql`update auth.sessions set created_at = now() - interval '25 hours' where user_id = ${ada.id}`;
    const bare = await ada.client.auth.updateUser({ password: NEW_PASSWORD });
    expect(bare.error).toMatchObject({ code: "reauthentication_needed" });
    expect((await ada.client.auth.reauthenticate()).error).toBeNull();
    const { code } = await kit.mail(ada.email);
    const wrong = await ada.client.auth.updateUser({ password: NEW_PASSWORD, nonce: "12345" });
    expect(wrong.error).toMatchObject({ code: "reauthentication_not_valid" });
    expect((await ada.client.auth.updateUser({ password: NEW_PASSWORD, nonce: code })).error).toBeNull();
  });

  it("moves to a new address once both mailboxes have agreed", async () => {
    const ada = await kit.join("ada");
    const { email: next } = kit.person("ada");
    const { data, error } = await ada.client.auth.updateUser({ email: next });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email: ada.email, new_email: next });
    const [fromOld, fromNew] = [await kit.mail(ada.email), await kit.mail(next)];
    const half = await kit.client().auth.verifyOtp({ token_hash: fromOld.hash, type: "email_change" });
    expect(half.error).toBeNull();
    expect(half.data.session).toBeNull();
    expect((await ada.client.auth.getUser()).data.user?.email).toBe(ada.email);

    const whole = await kit
      .client()
      .auth.verifyOtp({ email: next, token: fromNew.code, type: "email_change" });
    expect(whole.error).toBeNull();
    expect(whole.data.user?.email).toBe(next);
    expect((await signIn(kit.client(), { email: next, password: ada.password })).user.id).toBe(ada.id);
  });

  it("one mailbox alone does not move the address, however often it agrees", async () => {
    const ada = await kit.join("ada");
    const { email: next } = kit.person("eve");
    await ada.client.auth.updateUser({ email: next });
    const { hash } = await kit.mail(next);
    for (let i = 0; i < 2; i++) await kit.client().auth.verifyOtp({ token_hash: hash, type: "email_change" });
    expect((await ada.client.auth.getUser()).data.user?.email).toBe(ada.email);
  });
});
