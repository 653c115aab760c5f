import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Received, refusal } from "../support/http.ts";
import { mailsTo } from "../support/mail.ts";
import { as, asAnon, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Finding out who is there. */
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
    expect((await mailsTo(stack, ada.email)).length).toBeGreaterThan(0);
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
