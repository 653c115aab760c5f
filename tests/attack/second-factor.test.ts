import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hotp } from "../../stack/src/auth/totp.ts";
import { type Received, refusal } from "../support/http.ts";
import { as, createPeople, type Person, readSession, type Session, signIn } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** A password alone, where its owner has enrolled a second factor. */
let stack: TestStack;
let ada: Person;
let eve: Person;
let factor: { id: string; secret: string; usedCode: string };
/** With the factor given. */
let full: Session;
/** As a thief of the password has it. */
let half: Session;

beforeAll(async () => {
  stack = await openStack();
  ({ ada, eve } = await createPeople(stack, "ada", "eve"));
  await stack.db.query("insert into public.goals (owner_id, title) values ($1, 'Run')", [ada.id]);
  const enrolled = await auth(ada, "factors", { factor_type: "totp", friendly_name: "phone" });
  const { id, totp } = enrolled.json as { id: string; totp: { secret: string } };
  factor = { id, secret: totp.secret, usedCode: hotp(totp.secret, Math.floor(Date.now() / 30_000)) };
  full = readSession(await giveCode(ada, factor.usedCode), "giving the first code");
  half = await signIn(stack, ada);
});
afterAll(() => stack?.close());

function auth(
  session: { token: string },
  path: string,
  body: unknown = {},
  method = "POST",
): Promise<Received> {
  return stack.send({ method, path: `/auth/v1/${path}`, headers: as(stack, session), body });
}

async function giveCode(session: { token: string }, code: string): Promise<Received> {
  const asked = await auth(session, `factors/${factor.id}/challenge`);
  const { id } = asked.json as { id: string };
  return auth(session, `factors/${factor.id}/verify`, { challenge_id: id, code });
}

const goals = (session: { token: string }) =>
  stack.send({ path: "/rest/v1/goals?select=title", headers: as(stack, session) });

describe("a session without the second factor", () => {
  it("reads and writes nothing of ada's, while one with it does", async () => {
    expect(await goals(half)).toMatchObject({ status: 200, json: [] });
    const insert = {
      method: "POST",
      path: "/rest/v1/goals",
      headers: as(stack, half),
      body: { title: "Swim" },
    };
    expect(refusal(await stack.send(insert))).toBe("403 42501");
    const rpc = { method: "POST", path: "/rest/v1/rpc/my_sessions", headers: as(stack, half), body: {} };
    expect(refusal(await stack.send(rpc))).toBe("400 TK008");
    expect(await goals(full)).toMatchObject({ status: 200, json: [{ title: "Run" }] });
  });

  it("changes neither password nor address, and enrols and removes no factor", async () => {
    const password = "a thief's 1 password";
    expect(refusal(await auth(half, "user", { password }, "PUT"))).toBe("401 insufficient_aal");
    expect(refusal(await auth(half, "user", { email: "thief@example.test" }, "PUT"))).toBe(
      "401 insufficient_aal",
    );
    expect(refusal(await auth(half, "factors", { factor_type: "totp" }))).toBe("403 insufficient_aal");
    const removed = await auth(half, `factors/${factor.id}`, undefined, "DELETE");
    expect(refusal(removed)).toBe("422 insufficient_aal");
    await expect(signIn(stack, { ...ada, password })).rejects.toThrow(/invalid_credentials/);
  });

  it("stays without it after a refresh", async () => {
    const answer = await auth(half, "token?grant_type=refresh_token", { refresh_token: half.refreshToken });
    half = readSession(answer, "refreshing");
    expect(await goals(half)).toMatchObject({ json: [] });
  });

  it("does not get it by a used code, another's challenge or a guess, and the guesses run out", async () => {
    for (const code of [factor.usedCode, "", "1", "' or true --", `${factor.usedCode} `]) {
      expect(refusal(await giveCode(half, code))).toBe("422 mfa_verification_failed");
    }
    expect(refusal(await auth(eve, `factors/${factor.id}/challenge`))).toBe("404 mfa_factor_not_found");
    const foreign = await auth(eve, `factors/${factor.id}/verify`, {
      challenge_id: factor.id,
      code: "123456",
    });
    expect(refusal(foreign)).toBe("404 mfa_factor_not_found");
    const answers = [];
    for (let n = 0; n < 15; n++) answers.push((await auth(half, `factors/${factor.id}/challenge`)).status);
    expect(answers.at(-1)).toBe(429);
    expect(await goals(half)).toMatchObject({ json: [] });
  });
});
