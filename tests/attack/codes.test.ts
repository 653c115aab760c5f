import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Received, refusal } from "../support/http.ts";
import { mailsTo, newestMail } from "../support/mail.ts";
import { as, asAnon, createPeople, type Person, readSession } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Guessing what a mail says, and bending where it leads. */
let stack: TestStack;
let people: Record<"ada" | "eve" | "ivy", Person>;

beforeAll(async () => {
  stack = await openStack({
    config: {
      auth: {
        email: { max_frequency: "0s" },
        rate_limit: { sign_in_sign_ups: 1000, token_verifications: 1000, email_sent: 1000 },
      },
    },
  });
  people = await createPeople(stack, "ada", "eve", "ivy");
});
afterAll(() => stack?.close());

const auth = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Received> =>
  stack.send({ method: "POST", path: `/auth/v1/${path}`, headers: { ...asAnon(stack), ...headers }, body });

describe("a code of six digits", () => {
  const guess = (email: string, token: string, type = "recovery") => auth("verify", { email, token, type });

  async function codeFor(email: string): Promise<string> {
    await auth("recover", { email });
    return /\b\d{6}\b/.exec((await newestMail(stack, email)).Text)?.[0] ?? "";
  }

  it("cannot be guessed: after twenty wrong ones for an address even the right one is refused", async () => {
    const { ivy } = people;
    const right = await codeFor(ivy.email);
    for (let n = 0; n < 25; n++) {
      const wrong = String((Number(right) + 1 + n) % 1_000_000).padStart(6, "0");
      expect(refusal(await guess(ivy.email, wrong))).toBe("403 otp_expired");
    }
    expect(refusal(await guess(ivy.email, right))).toBe("403 otp_expired");
    expect(refusal(await guess(ivy.email, await codeFor(ivy.email)))).toBe("403 otp_expired");
  });

  it("cannot be guessed by many at once either: guesses under way count before they are found wrong", async () => {
    const { max } = await createPeople(stack, "max");
    const right = await codeFor(max.email);
    const wrong = Array.from({ length: 40 }, (_, n) =>
      String((Number(right) + 1 + n) % 1_000_000).padStart(6, "0"),
    );
    // While the codes are locked away, nothing is found right or wrong.
    await stack.db.query("begin; lock table auth.one_time_tokens in access exclusive mode");
    const guesses = wrong.map((code) => guess(max.email, code));
    await expect.poll(waitingForLocks).toBeGreaterThan(1);
    guesses.push(guess(max.email, right));
    expect((await stack.send({ path: "/health" })).status).toBe(200);
    await stack.db.query("commit");
    expect((await Promise.all(guesses)).map(refusal)).toEqual(Array(41).fill("403 otp_expired"));
  });

  async function waitingForLocks(): Promise<number> {
    const { rows } = await stack.db.query<{ n: string }>(
      "select count(*) as n from pg_locks where not granted",
    );
    return Number(rows[0]?.n);
  }

  it("opens one session when it is sent ten times at once", async () => {
    const { ada } = people;
    const code = await codeFor(ada.email);
    const answers = await Promise.all(Array.from({ length: 10 }, () => guess(ada.email, code)));
    const outcomes = answers.map(refusal).sort();
    expect(outcomes).toEqual(["200", ...Array(9).fill("403 otp_expired")]);
  });

  it("works once, for its own address and purpose", async () => {
    const { ada, eve } = people;
    const code = await codeFor(ada.email);
    expect(refusal(await guess(eve.email, code))).toBe("403 otp_expired");
    expect(refusal(await guess(ada.email, code, "signup"))).toBe("403 otp_expired");
    expect(refusal(await guess(ada.email, code, "email_change"))).toBe("403 otp_expired");
    const session = readSession(await guess(ada.email, code), "recovering");
    expect((await stack.send({ path: "/auth/v1/user", headers: as(stack, session) })).status).toBe(200);
    expect(refusal(await guess(ada.email, code))).toBe("403 otp_expired");
  });

  it.each(["", "%", "______", "' or true --", "000000\u0000", "null"])(
    "is not matched by %j",
    async (token) => {
      await auth("recover", { email: people.eve.email });
      expect((await guess(people.eve.email, token)).status).toBeGreaterThanOrEqual(400);
    },
  );

  it("as the hash of a link is not matched by a pattern or an empty one either", async () => {
    for (const hash of ["", "%", "pkce_", "pkce_%", "null"]) {
      const answer = await auth("verify", { token_hash: hash, type: "recovery" });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe("the link in a mail", () => {
  async function linkFor(email: string, path: string, headers: Record<string, string>): Promise<string> {
    const before = await mailsTo(stack, email);
    await auth(path, { email }, headers);
    expect(await mailsTo(stack, email)).toHaveLength(before.length + 1);
    return JSON.stringify(await newestMail(stack, email)).toLowerCase();
  }

  it.each([
    ["a host", "recover", { host: "evil.test" }],
    ["a forwarded host", "recover", { "x-forwarded-host": "evil.test", "x-forwarded-proto": "https" }],
    ["a place to go", "recover?redirect_to=https://evil.test/", {}],
    ["a place that looks like ours", "recover?redirect_to=http://127.0.0.1:26480@evil.test/", {}],
    ["a place under our name", "recover?redirect_to=http://127.0.0.1:26480.evil.test/", {}],
    ["a script", "recover?redirect_to=javascript:alert('evil.test')", {}],
    ["a referer", "recover", { referer: "https://evil.test/" }],
  ])("leads nowhere else for %s that somebody made up", async (_, path, headers) => {
    const mail = await linkFor(people.eve.email, path, headers);
    expect(mail).not.toContain("evil.test");
    // site_url of config.toml.
    expect(mail).toContain("http://127.0.0.1:26480/auth/confirm?token_hash=");
  });

  it("leads nowhere else when it is followed with a place of somebody's own", async () => {
    for (const place of [
      "https://evil.test/",
      "//evil.test",
      "http://127.0.0.1:26480@evil.test/",
      "javascript:1",
    ]) {
      const path = `/auth/v1/verify?token=wrong&type=recovery&redirect_to=${encodeURIComponent(place)}`;
      const answer = await stack.send({ path });
      expect(answer.status).toBe(303);
      expect(answer.headers.location).toMatch(/^http:\/\/127\.0\.0\.1:26480[/?#]/);
    }
  });
});
