import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthKit, follow, startAuthKit } from "./auth-kit.ts";

let kit: AuthKit;
let known: { email: string; password: string; data: { username: string } };
let waiting: { email: string; password: string };
beforeAll(async () => {
  kit = await startAuthKit();
  known = await kit.join("ada");
  waiting = kit.person("ben");
  await kit.post("/signup", waiting);
});
afterAll(() => kit.stop());

/** The answer with what is new each time (ids, times) made equal, and the address that was asked about. */
function shape(answer: { status: number; body: unknown }, email: string): string {
  return JSON.stringify(answer)
    .replaceAll(email, "ADDRESS")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

async function shapes(path: string, bodyFor: (email: string) => unknown): Promise<Set<string>> {
  const emails = [known.email, waiting.email, kit.person("eve").email];
  const answers = await Promise.all(
    emails.map(async (email) => shape(await kit.post(path, bodyFor(email)), email)),
  );
  return new Set(answers);
}

describe("nothing tells whether an address has an account", () => {
  const data = { display_name: "Somebody" };
  const questions: [string, string, (email: string) => unknown][] = [
    ["sign-up", "/signup", (email) => ({ email, password: known.password, data })],
    [
      "sign-up with a username that somebody has",
      "/signup",
      (email) => ({ email, password: known.password, data: { username: known.data.username } }),
    ],
    ["sign-up with a weak password", "/signup", (email) => ({ email, password: "a" })],
    [
      "sign-in with a wrong password",
      "/token?grant_type=password",
      (email) => ({ email, password: "wrong horse 1" }),
    ],
    ["recovery", "/recover", (email) => ({ email })],
    ["a link to sign in", "/otp", (email) => ({ email, create_user: false })],
    ["a link to sign in or up", "/otp", (email) => ({ email })],
    ["the confirmation once more", "/resend", (email) => ({ email, type: "signup" })],
    ["the change of address once more", "/resend", (email) => ({ email, type: "email_change" })],
    ["a guessed code", "/verify", (email) => ({ email, token: "000000", type: "signup" })],
    ["a guessed recovery code", "/verify", (email) => ({ email, token: "000000", type: "recovery" })],
  ];
  it.each(questions)("%s", async (_, path, bodyFor) => {
    expect([...(await shapes(path, bodyFor))]).toHaveLength(1);
  });

  it("nor does a signed-in user learn it by moving there: nobody's mail but their own comes", async () => {
    const eve = await kit.join("eve");
    const before = (await kit.mailsTo(known.email)).length;
    const free = kit.person("free").email;
    const answers = [];
    for (const email of [known.email, free]) {
      const { data, error } = await eve.client.auth.updateUser({ email });
      answers.push({ error, email: data.user?.email, next: data.user?.new_email === email });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toEqual({ error: null, email: eve.email, next: true });
    expect(await kit.mailsTo(known.email)).toHaveLength(before);
    expect(await kit.mailsTo(free)).toHaveLength(1);
  });

  it("a known address gets no second account and no mail by a repeated sign-up", async () => {
    const before = (await kit.mailsTo(known.email)).length;
    await kit.post("/signup", { email: known.email, password: known.password, data });
    expect(await kit.mailsTo(known.email)).toHaveLength(before);
    const { data: page } = await kit.root().auth.admin.listUsers({ perPage: 1000 });
    expect(page.users.filter(({ email }) => email === known.email)).toHaveLength(1);
  });
});

describe("where a mail link may lead", () => {
  const site = "http://127.0.0.1:26480";
  const targets: [string, string][] = [
    ["http://localhost:5173/deep/page?x=1", "http://localhost:5173/deep/page"],
    [`${site}/goals`, `${site}/goals`],
    ["https://evil.example/", `${site}/`],
    ["//evil.example", `${site}/`],
    ["http://localhost:5173@evil.example/", `${site}/`],
    ["http://localhost:5173\\@evil.example/", `${site}/`],
    ["http://localhost:5173.evil.example/", `${site}/`],
    ["javascript:alert(1)", `${site}/`],
    ["", `${site}/`],
  ];
  it.each(targets)("%s", async (redirect, lands) => {
    const query = new URLSearchParams({ token: "dead", type: "signup", redirect_to: redirect });
    const page = await follow(`${kit.url}/verify?${query}`);
    expect(page.origin + page.pathname).toBe(lands);
    expect(new URLSearchParams(page.hash.slice(1)).get("error_code")).toBe("otp_expired");
  });

  it("is decided again for links made by administrators", async () => {
    const { data } = await kit.root().auth.admin.generateLink({
      type: "magiclink",
      email: known.email,
      options: { redirectTo: "https://evil.example/" },
    });
    expect(data.properties?.redirect_to).toBe(site);
  });
});
