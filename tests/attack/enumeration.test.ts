import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Received, refusal } from "../support/http.ts";
import { as, asAnon, createPeople, type Person, readSession } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Finding out who is there, and guessing what only they know. */
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

const rpc = (name: string, body: unknown, headers: Record<string, string>): Promise<Received> =>
  stack.send({ method: "POST", path: `/rest/v1/rpc/${name}`, headers, body });

/** An answer with what differs by nature taken out: ids, times and the address that was asked about. */
const shape = ({ status, text, headers }: Received, email: string): string =>
  JSON.stringify([status, Object.keys(headers).sort(), text])
    .replaceAll(email, "ADDRESS")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, "TIME");

describe("whether an address has an account", () => {
  const password = "a guess with 1 digit";
  it.each<[string, string, (email: string) => unknown]>([
    ["signing up", "signup", (email) => ({ email, password })],
    [
      "signing up with a taken username",
      "signup",
      (email) => ({ email, password, data: { username: "ada-test" } }),
    ],
    ["signing in", "token?grant_type=password", (email) => ({ email, password })],
    ["recovering", "recover", (email) => ({ email })],
    ["asking for a link", "otp", (email) => ({ email, create_user: false })],
    ["asking for another mail", "resend", (email) => ({ email, type: "signup" })],
    ["guessing a code", "verify", (email) => ({ email, token: "123456", type: "recovery" })],
  ])("is not told by %s: the answers have one shape, headers included", async (_, path, bodyOf) => {
    const shapes = [];
    for (const email of [people.ada.email, `${crypto.randomUUID()}@example.test`]) {
      shapes.push(shape(await auth(path, bodyOf(email)), email));
    }
    expect(shapes[1]).toBe(shapes[0]);
  });

  it("is not told by the username of a sign-up, whose fate is the same for a known and an unknown address", async () => {
    const fates = [];
    for (const email of [people.ada.email, "nobody-yet@example.test"]) {
      const username = `probe-${crypto.randomUUID().slice(0, 8)}`;
      await auth("signup", { email, password, data: { username } });
      const again = await auth("signup", { email, password, data: { username } });
      const available = await rpc("username_available", { username }, asAnon(stack));
      fates.push({ again: again.status, available: available.json });
    }
    expect(fates[1]).toEqual(fates[0]);
  });

  it("is told to the one who reads its mail", async () => {
    const { ada } = people;
    expect((await auth("recover", { email: ada.email })).status).toBe(200);
    const found = await fetch(`${stack.env.MAILPIT_URL}/api/v1/search?query=to:${ada.email}`);
    expect(((await found.json()) as { messages: unknown[] }).messages.length).toBeGreaterThan(0);
  });
});

describe("who has which username", () => {
  it("is told for one exact name to signed-in users, in four columns, and to strangers not at all", async () => {
    const { ada, eve } = people;
    const found = await rpc("lookup_profile", { username: "ADA-test" }, as(stack, eve));
    expect(found.json).toEqual({
      id: ada.id,
      username: ada.username,
      display_name: ada.username,
      avatar_url: null,
    });
    for (const username of ["ada%", "ada*", "", "%", "ada", "' or true --"]) {
      expect((await rpc("lookup_profile", { username }, as(stack, eve))).json).toBeNull();
    }
    expect(refusal(await rpc("lookup_profile", { username: "ada-test" }, asAnon(stack)))).toBe("401 42501");
  });

  it("is told to a sign-up form with the reason, for names that it must not take", async () => {
    const ask = async (username: string) => refusal(await rpc("check_username", { username }, asAnon(stack)));
    expect(await ask("Ada-Test")).toBe("400 TK101");
    expect(await ask("ad.min")).toBe("400 TK102");
    expect(await ask("<b>")).toBe("400 TK103");
    expect(await ask("somebody-new")).toBe("204");
  });

  it("is told sixty times a minute at most, however the caller says where they are", async () => {
    const { ivy, eve } = people;
    const statuses = [];
    for (let n = 0; n < 61; n++) {
      const headers = {
        ...as(stack, ivy),
        "x-forwarded-for": `10.0.0.${n}`,
        "cf-connecting-ip": `10.0.0.${n}`,
      };
      statuses.push((await rpc("lookup_profile", { username: `nobody-${n}` }, headers)).status);
    }
    expect(statuses.slice(0, 60).every((status) => status === 200)).toBe(true);
    expect(statuses.at(60)).toBe(400);
    expect(refusal(await rpc("lookup_profile", { username: "ada-test" }, as(stack, ivy)))).toBe("400 TK004");
    expect((await rpc("lookup_profile", { username: "ada-test" }, as(stack, eve))).status).toBe(200);
  });

  it("is not told to a stranger who gives a new address with every question", async () => {
    const answers = [];
    for (let n = 0; n < 70; n++) {
      const spoofed = {
        "x-forwarded-for": `10.1.0.${n}`,
        "cf-connecting-ip": `10.1.0.${n}`,
        forwarded: `for=10.1.0.${n}`,
      };
      answers.push(
        refusal(await rpc("username_available", { username: `free-${n}` }, { ...asAnon(stack), ...spoofed })),
      );
    }
    expect(answers.at(0)).toBe("200");
    expect(answers.at(-1)).toBe("400 TK004");
  });
});

describe("a code of six digits", () => {
  const guess = (email: string, token: string, type = "recovery") => auth("verify", { email, token, type });

  async function codeFor(email: string): Promise<string> {
    await auth("recover", { email });
    const search = await fetch(`${stack.env.MAILPIT_URL}/api/v1/search?query=to:${email}`);
    const [newest] = ((await search.json()) as { messages: { ID: string }[] }).messages;
    const message = await fetch(`${stack.env.MAILPIT_URL}/api/v1/message/${newest?.ID}`);
    const { Text } = (await message.json()) as { Text: string };
    return /\b\d{6}\b/.exec(Text)?.[0] ?? "";
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
    await vi.waitFor(async () => expect(await waitingForLocks()).toBeGreaterThan(1));
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
    const before = await count(email);
    await auth(path, { email }, headers);
    const search = await fetch(`${stack.env.MAILPIT_URL}/api/v1/search?query=to:${email}`);
    const { messages } = (await search.json()) as { messages: { ID: string }[] };
    expect(messages.length).toBe(before + 1);
    const message = await fetch(`${stack.env.MAILPIT_URL}/api/v1/message/${messages[0]?.ID}`);
    return (await message.text()).toLowerCase();
  }

  async function count(email: string): Promise<number> {
    const search = await fetch(`${stack.env.MAILPIT_URL}/api/v1/search?query=to:${email}`);
    return ((await search.json()) as { messages: unknown[] }).messages.length;
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
