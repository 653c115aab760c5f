/** The door of `sanitize` in the stack: the same scenarios as in plain Deno, and what only a database can tell. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { createClient as createNewestClient } from "supabase-js-newest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import {
  type Credentials,
  makeCredentials,
  type Secrets,
} from "../../functions/_shared/testing/credentials.ts";
import { differences, hear, requestOf, type Scenario } from "../../functions/_shared/testing/scenario.ts";
import { RATE } from "../../functions/sanitize/limits.ts";
import { scenarios } from "../../functions/sanitize/scenarios.ts";
import { createPeople, type Person, signIn, signOut, suspend } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

let stack: TestStack;
let ada: Person;
let eve: Person;
let credentials: Credentials;

beforeAll(async () => {
  stack = await openStack();
  ({ ada, eve } = await createPeople(stack, "ada", "eve"));
  credentials = await makeCredentials(await secretsOf(stack), ada);
  // The stack's own token instead of one that the test has made.
  credentials.user = { apikey: stack.env.PUBLISHABLE_KEY, authorization: `Bearer ${ada.token}` };
});
afterAll(() => stack?.close());

async function secretsOf({ env, data }: TestStack): Promise<Secrets> {
  const keys = JSON.parse(await readFile(path.join(data, "keys.json"), "utf8")) as Omit<Secrets, "issuer">;
  return { ...keys, issuer: `${env.API_URL}/auth/v1` };
}

const url = () => `${stack.env.FUNCTIONS_URL}/sanitize`;
const perform = async (scenario: Scenario) =>
  hear(await fetch(requestOf(scenario, url(), credentials[scenario.who])));

const ask = async (headers: Record<string, string>) => {
  const { status, code } = await hear(
    await fetch(url(), {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: "{}",
    }),
  );
  return code === undefined ? String(status) : `${status} ${code}`;
};
const as = ({ token }: { token: string }) => ({
  apikey: stack.env.PUBLISHABLE_KEY,
  authorization: `Bearer ${token}`,
});

describe("sanitize", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
    expect(differences(scenario, await perform(scenario))).toEqual([]);
  });

  it("is still the same process after all of them", async () => {
    const log = await readFile(path.join(stack.data, "functions", "functions.log"), "utf8");
    expect(log.split("\n").filter((line) => line.includes('"function.started"')).length).toBe(1);
    expect(log).not.toContain("function.ended");
  });

  it("writes no address, name or key into its log", async () => {
    const log = await readFile(path.join(stack.data, "functions", "functions.log"), "utf8");
    for (const personal of [
      ada.email,
      ada.username,
      ada.id,
      "127.0.0.1",
      stack.env.SECRET_KEY,
      stack.env.PUBLISHABLE_KEY,
    ])
      expect([personal, log.includes(personal)]).toEqual([personal, false]);
  });
});

describe("a user", () => {
  it("whose account is suspended is refused although the token is valid; one who is not suspended is answered", async () => {
    expect(await ask(as(eve))).toBe("200");
    await suspend(stack, eve);
    expect(await ask(as(eve))).toBe("403 AUTH_SUSPENDED");
    await stack.db.query("update public.profiles set status = 'active' where id = $1", [eve.id]);
    expect(await ask(as({ token: (await signIn(stack, eve)).token }))).toBe("200");
  });

  it("who has signed out is refused although the token is valid", async () => {
    const session = await signIn(stack, ada);
    expect(await ask(as(session))).toBe("200");
    await signOut(stack, { ...ada, ...session });
    expect(await ask(as(session))).toBe("401 AUTH_REQUIRED");
  });

  it(`calls ${RATE.most} times a minute; the next is refused with how long to wait, another caller is not`, async () => {
    await stack.db.query("delete from private.rate_limits where bucket = 'function:sanitize'");
    const answers = await Promise.all(Array.from({ length: RATE.most + 5 }, () => ask(as(ada))));
    expect(answers.filter((answer) => answer === "200").length).toBe(RATE.most);
    expect(answers.filter((answer) => answer === "429 LIMIT_RATE").length).toBe(5);
    const refused = await fetch(url(), { method: "POST", headers: as(ada), body: "{}" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await ask({ apikey: stack.env.PUBLISHABLE_KEY })).toBe("200");
    expect(await ask({ apikey: stack.env.SECRET_KEY })).toBe("200");
  });
});

describe.each([
  ["2.109.0", createClient],
  ["newest", createNewestClient as unknown as typeof createClient],
])("an unmodified supabase-js (%s)", (_version, create) => {
  const client = () =>
    create(stack.env.API_URL, stack.env.PUBLISHABLE_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never },
    });

  it("calls it as a stranger and as ada", async () => {
    const supabase = client();
    await stack.db.query("delete from private.rate_limits where bucket = 'function:sanitize'");
    const body = { title: "<script>x</script>Run" };
    const stranger = await supabase.functions.invoke("sanitize", { body });
    expect([stranger.error, stranger.data?.value]).toEqual([null, { title: "Run" }]);
    await supabase.auth.signInWithPassword({ email: ada.email, password: ada.password });
    const known = await supabase.functions.invoke("sanitize", { body });
    expect([known.error, known.data?.value]).toEqual([null, { title: "Run" }]);
    const { rows } = await stack.db.query(
      "select caller from private.rate_limits where bucket = 'function:sanitize' order by 1",
    );
    expect(rows.map(({ caller }) => caller).sort()).toEqual(["127.0.0.1", ada.id].sort());
  });

  it("gets a refusal as an HTTP error with the problem in it", async () => {
    const { error } = await client().functions.invoke("sanitize", {
      body: "no JSON",
      headers: { "content-type": "text/plain" },
    });
    expect(error).toMatchObject({ name: "FunctionsHttpError" });
    const problem = await (error as { context: Response }).context.json();
    expect(problem).toMatchObject({ code: "USAGE_REQUEST", request_id: expect.any(String) });
  });
});

it("a stranger is counted by the address that the gateway saw, not by one of their own making", async () => {
  await stack.db.query("delete from private.rate_limits where bucket = 'function:sanitize'");
  const made = (time: number) => ({
    "x-forwarded-for": `10.0.0.${time}`,
    "cf-connecting-ip": `10.0.1.${time}`,
  });
  for (let time = 0; time < 3; time++) await ask({ apikey: stack.env.PUBLISHABLE_KEY, ...made(time) });
  const { rows } = await stack.db.query(
    "select caller, hits from private.rate_limits where bucket = 'function:sanitize'",
  );
  expect(rows).toEqual([{ caller: "127.0.0.1", hits: 3 }]);
});
