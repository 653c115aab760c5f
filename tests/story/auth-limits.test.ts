import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthKit, PASSWORD, startAuthKit } from "./auth-kit.ts";

const over = { status: 429, body: { code: "over_request_rate_limit" } };
const overMail = { status: 429, body: { code: "over_email_send_rate_limit" } };

async function repeat(times: number, ask: () => Promise<{ status: number; body: Record<string, unknown> }>) {
  const answers = [];
  for (let i = 0; i < times; i++) answers.push(await ask());
  return answers;
}

describe("requests of one address", () => {
  let kit: AuthKit;
  beforeAll(async () => {
    kit = await startAuthKit({
      enable_anonymous_sign_ins: true,
      rate_limit: {
        sign_in_sign_ups: 3,
        token_verifications: 3,
        token_refresh: 3,
        anonymous_users: 2,
        email_sent: 4,
      },
      email: { max_frequency: "1h" },
    });
  });
  afterAll(() => kit.stop());

  it.each([
    ["sign-in", "/token?grant_type=password", { email: "eve@example.com", password: "wrong horse 1" }, 3],
    ["verification", "/verify", { email: "eve@example.com", token: "000000", type: "signup" }, 3],
    ["refresh", "/token?grant_type=refresh_token", { refresh_token: "nothing" }, 3],
    ["anonymous sign-in", "/signup", {}, 2],
  ])("%s stops at its limit", async (_, path, body, limit) => {
    const answers = await repeat(limit + 1, () => kit.post(path, body));
    expect(answers.slice(0, limit).every(({ status }) => status !== 429)).toBe(true);
    expect(answers.at(-1)).toMatchObject(over);
  });

  it("sign-up, its mails and mails altogether stop at theirs, known address or not", async () => {
    const ada = { email: "ada@example.com", password: PASSWORD };
    expect((await kit.post("/signup", ada)).status).toBe(200);
    expect(await kit.post("/signup", ada)).toMatchObject(overMail);
    expect((await kit.post("/recover", ada)).status).toBe(200);
    expect(await kit.post("/recover", ada)).toMatchObject(overMail);
    expect((await kit.post("/recover", { email: "nobody@example.com" })).status).toBe(200);
    expect(await kit.post("/recover", { email: "nobody@example.com" })).toMatchObject(over);
    expect((await kit.post("/signup", { ...ada, email: "ben@example.com" })).status).toBe(200);
    expect(await kit.post("/signup", { ...ada, email: "eve@example.com" })).toMatchObject(over);
  });
});

describe("guessing a code", () => {
  let kit: AuthKit;
  beforeAll(async () => {
    kit = await startAuthKit();
  });
  afterAll(() => kit.stop());

  it("ends after 20 tries for that address: then the right code is refused too, and the link still works", async () => {
    const ada = kit.person("ada");
    await kit.post("/signup", ada);
    const { code, hash } = await kit.mail(ada.email);
    const wrong = code === "000000" ? "000001" : "000000";
    const guess = (token: string) => kit.post("/verify", { email: ada.email, token, type: "signup" });
    const guesses = await repeat(20, () => guess(wrong));
    expect(guesses.every(({ status, body }) => status === 403 && body.code === "otp_expired")).toBe(true);
    expect(await guess(code)).toMatchObject({ status: 403, body: { code: "otp_expired" } });
    expect((await kit.post("/verify", { token_hash: hash, type: "signup" })).status).toBe(200);

    // Somebody else's code is not touched by it.
    const ben = kit.person("ben");
    await kit.post("/signup", ben);
    const mail = await kit.mail(ben.email);
    expect((await kit.post("/verify", { email: ben.email, token: mail.code, type: "signup" })).status).toBe(
      200,
    );
  });

  it("does not help with an old one: codes and links end with otp_expiry", async () => {
    const ada = kit.person("ada");
    await kit.post("/signup", ada);
    const { code, hash } = await kit.mail(ada.email);
    await kit.sql`update auth.one_time_tokens set created_at = created_at - interval '3601 seconds' where relates_to = ${ada.email}`;
    const expired = { status: 403, body: { code: "otp_expired" } };
    expect(await kit.post("/verify", { email: ada.email, token: code, type: "signup" })).toMatchObject(
      expired,
    );
    expect(await kit.post("/verify", { token_hash: hash, type: "signup" })).toMatchObject(expired);
  });

  it("finds no code in the database: only hashes are kept there", async () => {
    const ada = kit.person("ada");
    await kit.post("/signup", ada);
    const { code, hash } = await kit.mail(ada.email);
    const [row] = await kit.sql`
      select to_jsonb(u) as person, to_jsonb(t) as token from auth.users u
      join auth.one_time_tokens t on t.user_id = u.id where u.email = ${ada.email}`;
    expect(row?.person).toMatchObject({
      confirmation_token: hash,
      encrypted_password: expect.stringMatching(/^\$2a\$10\$/),
    });
    expect(row?.token).toMatchObject({ token_hash: hash, relates_to: ada.email });
    expect(Object.values(row?.person)).not.toContain(code);
  });
});

describe("when no mail can be sent", () => {
  let kit: AuthKit;
  beforeAll(async () => {
    kit = await startAuthKit({
      email: { smtp: { host: "127.0.0.1", port: await closedPort(), admin_email: "no@x.example" } },
    });
  });
  afterAll(() => kit.stop());

  it("a sign-up fails plainly and leaves nothing, and every address fails alike", async () => {
    const ada = await kit.join("ada");
    const eve = kit.person("eve");
    const body = (email: string) => ({ email, password: PASSWORD });
    const failed = { status: 500, body: { code: "unexpected_failure", message: "Error sending email" } };
    for (const email of [eve.email, ada.email, eve.email]) {
      expect(await kit.post("/signup", body(email))).toMatchObject(failed);
    }
    for (const email of [eve.email, ada.email])
      expect(await kit.post("/recover", { email })).toMatchObject(failed);
    const rows = await kit.sql`select from auth.users where email = ${eve.email}`;
    expect(rows).toHaveLength(0);
  });
});

/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}
