import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthKit, PASSWORD, releaseNames, signIn, startAuthKit } from "./auth-kit.ts";

let kit: AuthKit;
beforeAll(async () => {
  kit = await startAuthKit();
});
afterAll(() => kit.stop());

describe.each(releaseNames)("signing up with supabase-js %s", (release) => {
  it("ada confirms by the code of her mail, and only then signs in", async () => {
    const ada = kit.person("ada");
    const client = kit.client({ release });
    const { data, error } = await client.auth.signUp({ ...ada, options: { data: ada.data } });
    expect(error).toBeNull();
    expect(data.session).toBeNull();
    expect(data.user?.user_metadata).toMatchObject({ username: ada.data.username, email_verified: false });

    const early = await client.auth.signInWithPassword(ada);
    expect(early.error).toMatchObject({ status: 400, code: "email_not_confirmed" });

    const { code } = await kit.mail(ada.email);
    const verified = await client.auth.verifyOtp({ email: ada.email, token: code, type: "signup" });
    expect(verified.error).toBeNull();
    expect(verified.data.user).toMatchObject({
      id: data.user?.id,
      email: ada.email,
      user_metadata: { email_verified: true },
    });
    expect(verified.data.session?.access_token).toBeTruthy();

    const { data: profile } = await client.from("profiles").select("username").single();
    expect(profile).toEqual({ username: ada.data.username });
    expect((await signIn(kit.client({ release }), ada)).user.id).toBe(data.user?.id);
  });

  it("ben confirms by the link of his mail", async () => {
    const ben = kit.person("ben");
    const client = kit.client({ release });
    await client.auth.signUp({ ...ben, options: { data: ben.data } });
    const { hash } = await kit.mail(ben.email);
    const verified = await client.auth.verifyOtp({ token_hash: hash, type: "signup" });
    expect(verified.error).toBeNull();
    expect(verified.data.user?.email).toBe(ben.email);

    const again = await client.auth.verifyOtp({ token_hash: hash, type: "signup" });
    expect(again.error).toMatchObject({ status: 403, code: "otp_expired" });
  });
});

describe("the confirmation mail", () => {
  it("is written in the language of the person, with a link to the site and a code", async () => {
    const ada = kit.person("ada");
    await kit.client().auth.signUp({ ...ada, options: { data: { ...ada.data, locale: "pt" } } });
    const ben = kit.person("ben");
    await kit.client().auth.signUp({ ...ben, options: { data: { ...ben.data, locale: "en" } } });
    const [portuguese, english] = [await kit.mail(ada.email), await kit.mail(ben.email)];
    expect(portuguese.text).toContain("Confirme o seu endereço");
    expect(english.text).toContain("Confirm your address");
    expect(english.text).toMatch(/\/auth\/confirm\?token_hash=[0-9a-f]{56}&type=signup/);
    expect(english.code).toMatch(/^\d{6}$/);
    expect(english.html).not.toMatch(/<(img|script|link)\b|src=/);
  });

  it("comes again on request, and the older code dies", async () => {
    const ada = kit.person("ada");
    const client = kit.client();
    await client.auth.signUp({ ...ada, options: { data: ada.data } });
    const first = await kit.mail(ada.email);
    expect((await client.auth.resend({ type: "signup", email: ada.email })).error).toBeNull();
    const second = await kit.mail(ada.email, 2);
    const stale = await client.auth.verifyOtp({ token_hash: first.hash, type: "signup" });
    expect(stale.error).toMatchObject({ code: "otp_expired" });
    const fresh = await client.auth.verifyOtp({ email: ada.email, token: second.code, type: "email" });
    expect(fresh.error).toBeNull();
  });
});

describe("an address", () => {
  it("is the same in capitals, at sign-up, confirmation and sign-in", async () => {
    const ada = kit.person("ada");
    const loud = ada.email.toUpperCase();
    await kit.post("/signup", { ...ada, email: loud });
    const { code } = await kit.mail(ada.email);
    const verified = await kit.post("/verify", { email: loud, token: code, type: "signup" });
    expect(verified.body.user).toMatchObject({ email: ada.email });
    expect((await signIn(kit.client(), { ...ada, email: loud })).user.email).toBe(ada.email);
  });
});

describe("what a sign-up refuses", () => {
  const attempts: [string, { email?: string; password?: string; data?: unknown }, number, string][] = [
    ["a short password", { password: "short1" }, 422, "weak_password"],
    ["a password without digits", { password: "no digits in here" }, 422, "weak_password"],
    ["a password above 72 bytes", { password: `a1${"é".repeat(36)}` }, 400, "validation_failed"],
    ["no password", { password: "" }, 400, "validation_failed"],
    ["an address without a host", { email: "ada@" }, 400, "validation_failed"],
    [
      "an address with a line break",
      { email: "ada@example.com\nbcc: eve@example.com" },
      400,
      "validation_failed",
    ],
    ["an address without a dot", { email: "ada@localhost" }, 400, "validation_failed"],
    ["data that is no object", { data: "admin" }, 400, "validation_failed"],
    ["a nul character", { data: { username: "a\u0000b" } }, 400, "bad_json"],
  ];
  it.each(attempts)("%s", async (_, change, status, code) => {
    const ada = kit.person("ada");
    const answer = await kit.post("/signup", { ...ada, ...change });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await kit.mailsTo(ada.email)).toEqual([]);
    // The same call, corrected, goes through.
    expect((await kit.post("/signup", ada)).status).toBe(200);
  });

  it("says why a password is weak, in the way auth-js understands", async () => {
    const { error } = await kit.client().auth.signUp({ ...kit.person("ada"), password: "abc" });
    expect(error).toMatchObject({
      name: "AuthWeakPasswordError",
      status: 422,
      reasons: ["length", "characters"],
    });
  });

  it("an account too many, in the words of the project's hook, and nothing is left behind", async () => {
    const eve = kit.person("eve");
    await kit.sql`update private.settings set value = to_jsonb((select count(*) from public.profiles)) where name = 'max_users'`;
    const refused = await kit.post("/signup", eve);
    await kit.sql`update private.settings set value = 'null' where name = 'max_users'`;
    expect(refused).toMatchObject({
      status: 429,
      body: { message: expect.stringContaining("LIMIT_SIGNUPS") },
    });
    expect(await kit.mailsTo(eve.email)).toEqual([]);
    expect((await kit.post("/signup", eve)).status).toBe(200);
  });

  it("a body above the gateway's measure, with or without its length", async () => {
    const body = JSON.stringify({ ...kit.person("eve"), data: { text: "x".repeat(2 ** 21) } });
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    for (const sent of [{ body }, { body: chunked, duplex: "half" }]) {
      const headers = { apikey: kit.stack.env.PUBLISHABLE_KEY };
      const response = await fetch(`${kit.url}/signup`, { method: "POST", headers, ...sent } as RequestInit);
      expect(response.status).toBe(413);
      await response.text();
    }
  });

  it("app_metadata, role and id that a client slips in", async () => {
    const eve = kit.person("eve");
    await kit.post("/signup", { ...eve, app_metadata: { role: "admin" }, role: "service_role", id: ada0 });
    const { code } = await kit.mail(eve.email);
    const client = kit.client();
    const { data } = await client.auth.verifyOtp({ email: eve.email, token: code, type: "signup" });
    expect(data.user?.app_metadata).toEqual({ provider: "email", providers: ["email"] });
    expect(data.user?.role).toBe("authenticated");
    expect(data.user?.id).not.toBe(ada0);
  });
});

const ada0 = "00000000-0000-4000-8000-00000000ada0";

describe("at the same time", () => {
  it("two sign-ups with one address make one account, and both are answered alike", async () => {
    const ada = kit.person("ada");
    const body = { email: ada.email, password: PASSWORD };
    const answers = await Promise.all([kit.post("/signup", body), kit.post("/signup", body)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const { data } = await kit.root().auth.admin.listUsers({ perPage: 1000 });
    expect(data.users.filter(({ email }) => email === ada.email)).toHaveLength(1);
  });

  it("of two people who ask for one username, who confirms first has it, and the other is let in all the same", async () => {
    const [ada, eve] = [kit.person("ada"), kit.person("eve")];
    const sessions = await Promise.all(
      [ada, eve].map(async ({ email, password }) => {
        await kit.post("/signup", { email, password, data: ada.data });
        const { code } = await kit.mail(email);
        return kit.post("/verify", { email, token: code, type: "signup" });
      }),
    );
    expect(sessions.map(({ status }) => status)).toEqual([200, 200]);
    const names = await kit.sql<{ username: string }[]>`
      select p.username from public.profiles p join auth.users u using (id)
      where u.email in (${ada.email}, ${eve.email}) order by p.username = ${ada.data.username} desc`;
    expect(names.map(({ username }) => username)).toEqual([
      ada.data.username,
      expect.stringMatching(/^user-/),
    ]);
  });

  it("of two requests with one code exactly one wins", async () => {
    const ada = kit.person("ada");
    await kit.post("/signup", ada);
    const { code } = await kit.mail(ada.email);
    const body = { email: ada.email, token: code, type: "signup" };
    const answers = await Promise.all([1, 2, 3].map(() => kit.post("/verify", body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  });
});
