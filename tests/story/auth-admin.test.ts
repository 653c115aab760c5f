import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthKit, claimsOf, follow, PASSWORD, releaseNames, signIn, startAuthKit } from "./auth-kit.ts";

let kit: AuthKit;
beforeAll(async () => {
  kit = await startAuthKit();
});
afterAll(() => kit.stop());

describe.each(releaseNames)("an administrator with supabase-js %s", (release) => {
  it("creates, reads, lists, changes and deletes a user", async () => {
    const { admin } = kit.root(release).auth;
    const ada = kit.person("ada");
    const created = await admin.createUser({
      email: ada.email.toUpperCase(),
      password: PASSWORD,
      email_confirm: true,
      user_metadata: ada.data,
      app_metadata: { team: "blue" },
    });
    expect(created.error).toBeNull();
    const id = created.data.user?.id ?? "";
    expect(created.data.user).toMatchObject({
      email: ada.email,
      app_metadata: { provider: "email", team: "blue" },
    });
    expect((await admin.getUserById(id)).data.user?.identities).toHaveLength(1);

    const { data: page } = await admin.listUsers({ page: 1, perPage: 1 });
    expect(page.users.map((user) => user.id)).toEqual([id]);
    expect("total" in page && page.total).toBeGreaterThanOrEqual(1);

    const changed = await admin.updateUserById(id, {
      app_metadata: { team: null },
      user_metadata: { theme: "dark" },
    });
    expect(changed.data.user?.app_metadata).not.toHaveProperty("team");
    expect(changed.data.user?.user_metadata).toMatchObject({ theme: "dark", username: ada.data.username });

    expect((await admin.deleteUser(id)).error).toBeNull();
    expect((await admin.getUserById(id)).error).toMatchObject({ status: 404, code: "user_not_found" });
  });

  it("bans and restores", async () => {
    const { admin } = kit.root(release).auth;
    const ada = await kit.join("ada", { release });
    const banned = await admin.updateUserById(ada.id, { ban_duration: "24h" });
    expect(Date.parse(String(Reflect.get(banned.data.user ?? {}, "banned_until")))).toBeGreaterThan(
      Date.now(),
    );
    const refused = await kit.client({ release }).auth.signInWithPassword(ada);
    expect(refused.error).toMatchObject({ status: 400, code: "user_banned" });
    await admin.updateUserById(ada.id, { ban_duration: "none" });
    expect((await signIn(kit.client({ release }), ada)).user.id).toBe(ada.id);
  });

  it("invites by mail", async () => {
    const { admin } = kit.root(release).auth;
    const ben = kit.person("ben");
    const invited = await admin.inviteUserByEmail(ben.email, { data: ben.data });
    expect(invited.data.user).toMatchObject({ email: ben.email, invited_at: expect.any(String) });
    const { hash } = await kit.mail(ben.email);
    const client = kit.client({ release });
    const { data } = await client.auth.verifyOtp({ token_hash: hash, type: "invite" });
    expect(data.user?.user_metadata).toMatchObject({ username: ben.data.username });
    expect((await client.auth.updateUser({ password: PASSWORD })).error).toBeNull();
    const again = await admin.inviteUserByEmail(ben.email);
    expect(again.error).toMatchObject({ status: 422, code: "email_exists" });
  });

  it("hears why the project's own trigger refuses a user, and nothing is left behind", async () => {
    const ada = await kit.join("ada", { release });
    const eve = kit.person("eve");
    const wish = { email: eve.email, password: PASSWORD, email_confirm: true };
    const { admin } = kit.root(release).auth;
    const refused = await admin.createUser({ ...wish, user_metadata: ada.data });
    expect(refused.error).toMatchObject({
      status: 422,
      message: expect.stringContaining("CONFLICT_USERNAME_TAKEN"),
    });
    expect((await admin.createUser({ ...wish, user_metadata: eve.data })).error).toBeNull();
  });

  it("signs a user out everywhere by their token", async () => {
    const ada = await kit.join("ada", { release });
    expect((await kit.root(release).auth.admin.signOut(ada.session.access_token, "global")).error).toBeNull();
    expect((await ada.client.auth.getUser()).error).not.toBeNull();
  });
});

describe("links for administrators to hand out", () => {
  it("sign up, sign in and recover, without a mail", async () => {
    const { admin } = kit.root().auth;
    const ada = kit.person("ada");
    const made = await admin.generateLink({
      type: "signup",
      email: ada.email,
      password: PASSWORD,
      options: { data: ada.data },
    });
    expect(made.data.properties).toMatchObject({
      verification_type: "signup",
      email_otp: expect.stringMatching(/^\d{6}$/),
      hashed_token: expect.stringMatching(/^[0-9a-f]{56}$/),
    });
    const page = await follow(made.data.properties?.action_link ?? "");
    const token = new URLSearchParams(page.hash.slice(1)).get("access_token") ?? "";
    expect(claimsOf(token).email).toBe(ada.email);

    const magic = await admin.generateLink({ type: "magiclink", email: ada.email });
    const { data } = await kit.client().auth.verifyOtp({
      email: ada.email,
      token: magic.data.properties?.email_otp ?? "",
      type: "magiclink",
    });
    expect(data.user?.id).toBe(made.data.user?.id);
    expect(await kit.mailsTo(ada.email)).toEqual([]);

    const nobody = await admin.generateLink({ type: "recovery", email: kit.person("eve").email });
    expect(nobody.error).toMatchObject({ status: 404, code: "user_not_found" });
  });

  it("change an address by two links", async () => {
    const ada = await kit.join("ada");
    const { email: newEmail } = kit.person("ada");
    const { admin } = kit.root().auth;
    const hashes = [];
    for (const type of ["email_change_current", "email_change_new"] as const) {
      const { data } = await admin.generateLink({ type, email: ada.email, newEmail });
      hashes.push(data.properties?.hashed_token ?? "");
    }
    for (const token_hash of hashes) await kit.client().auth.verifyOtp({ token_hash, type: "email_change" });
    expect((await admin.getUserById(ada.id)).data.user?.email).toBe(newEmail);
  });
});

describe("a softly deleted user", () => {
  it("keeps a row, loses everything personal, and frees the address", async () => {
    const ada = await kit.join("ada");
    const { admin } = kit.root().auth;
    expect((await admin.deleteUser(ada.id, true)).error).toBeNull();
    const { data } = await admin.getUserById(ada.id);
    expect(data.user?.deleted_at).toBeTruthy();
    expect(JSON.stringify(data.user)).not.toContain(ada.email);
    expect((await kit.client().auth.signInWithPassword(ada)).error).toMatchObject({
      code: "invalid_credentials",
    });
    const [row] = await kit.sql`select to_jsonb(u) as whole from auth.users u where id = ${ada.id}`;
    expect(JSON.stringify(row?.whole)).not.toContain(ada.email);
    const again = await admin.createUser({ email: ada.email, password: PASSWORD });
    expect(again.error).toBeNull();
  });
});

describe("who is no administrator", () => {
  const paths: [string, string][] = [
    ["GET", "/admin/users"],
    ["POST", "/admin/users"],
    ["GET", "/admin/users/USER"],
    ["PUT", "/admin/users/USER"],
    ["DELETE", "/admin/users/USER"],
    ["POST", "/admin/generate_link"],
    ["POST", "/invite"],
    ["GET", "/admin/users/USER/factors"],
  ];

  it.each(paths)(
    "%s %s is refused to a key (401) and to eve (403), and open to root",
    async (method, path) => {
      const [ada, eve] = [await kit.join("ada"), await kit.join("eve")];
      const ask = async (key: string, token?: string) => {
        const response = await fetch(`${kit.url}${path.replace("USER", ada.id)}`, {
          method,
          headers: {
            apikey: key,
            "content-type": "application/json",
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
          ...(method === "GET"
            ? {}
            : { body: JSON.stringify({ type: "magiclink", email: kit.person("ben").email }) }),
        });
        return { status: response.status, body: (await response.json()) as { error_code?: string } };
      };
      const { PUBLISHABLE_KEY, SECRET_KEY } = kit.stack.env;
      expect(await ask(PUBLISHABLE_KEY)).toMatchObject({
        status: 401,
        body: { error_code: "no_authorization" },
      });
      const refused = await ask(PUBLISHABLE_KEY, eve.session.access_token);
      expect(refused).toMatchObject({ status: 403, body: { error_code: "not_admin" } });
      expect((await ask(SECRET_KEY)).status).toBe(200);
    },
  );
});

describe("the audit log", () => {
  it("holds what happened to ada, and no secret", async () => {
    const ada = kit.person("ada");
    const client = kit.client();
    await client.auth.signUp({ ...ada, options: { data: ada.data } });
    const { code, hash } = await kit.mail(ada.email);
    await client.auth.verifyOtp({ email: ada.email, token: code, type: "signup" });
    const session = await signIn(client, ada);
    await client.auth.refreshSession();
    await client.auth.signOut();
    const rows = await kit.sql<{ action: string; whole: string }[]>`
      select payload ->> 'action' as action, payload::text as whole from auth.audit_log_entries
      where payload ->> 'actor_id' = ${session.user.id} order by created_at`;
    expect(rows.map(({ action }) => action)).toEqual([
      "user_confirmation_requested",
      "user_signedup",
      "login",
      "token_refreshed",
      "logout",
    ]);
    const everything = rows.map(({ whole }) => whole).join();
    for (const secret of [PASSWORD, code, hash, session.refresh_token, session.access_token]) {
      expect(everything).not.toContain(secret);
    }
  });
});
