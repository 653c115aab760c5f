import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Received, refusal } from "../support/http.ts";
import {
  as,
  asAnon,
  asService,
  createPeople,
  type Person,
  readSession,
  type Session,
  signIn,
  signOut,
  suspend,
} from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** What becomes of tokens once the session, the account or the right behind them has ended. */
let stack: TestStack;
let people: Record<"ada" | "ben" | "eve" | "sue" | "ivy" | "max" | "kim", Person>;

beforeAll(async () => {
  stack = await openStack({ config: { auth: { refresh_token_reuse_interval: 0 } } });
  people = await createPeople(stack, "ada", "ben", "eve", "sue", "ivy", "max", "kim");
  for (const { id } of Object.values(people)) {
    await stack.db.query("insert into public.goals (owner_id, title) values ($1, 'Run')", [id]);
  }
});
afterAll(() => stack?.close());

const refresh = (token: string): Promise<Received> =>
  stack.send({
    method: "POST",
    path: "/auth/v1/token?grant_type=refresh_token",
    headers: asAnon(stack),
    body: { refresh_token: token },
  });

const admin = (method: string, id: string, body?: unknown): Promise<Received> =>
  stack.send({ method, path: `/auth/v1/admin/users/${id}`, headers: asService(stack), body });

/** Everything a token opens: rows, a function, a write, and the account itself. */
async function expectDead(session: Session, id: string, onRpc: string, onAuth: string): Promise<void> {
  const headers = as(stack, session);
  expect(await stack.send({ path: "/rest/v1/goals?select=title", headers })).toMatchObject({
    status: 200,
    json: [],
  });
  const rpc = await stack.send({ method: "POST", path: "/rest/v1/rpc/my_sessions", headers, body: {} });
  expect(refusal(rpc)).toBe(onRpc);
  const before = await goalsOf(id);
  const insert = await stack.send({
    method: "POST",
    path: "/rest/v1/goals",
    headers,
    body: { title: "Swim" },
  });
  expect(refusal(insert)).toBe("403 42501");
  const update = await stack.send({
    method: "PATCH",
    path: `/rest/v1/goals?owner_id=eq.${id}`,
    headers: { ...headers, prefer: "return=representation" },
    body: { description: "Changed." },
  });
  expect(update).toMatchObject({ status: 200, json: [] });
  expect(await goalsOf(id)).toEqual(before);
  expect(refusal(await stack.send({ path: "/auth/v1/user", headers }))).toBe(onAuth);
  const change = { method: "PUT", path: "/auth/v1/user", headers, body: { data: { locale: "pt" } } };
  expect(refusal(await stack.send(change))).toBe(onAuth);
}

async function expectAlive(session: Session): Promise<void> {
  const headers = as(stack, session);
  expect(await stack.send({ path: "/rest/v1/goals?select=title", headers })).toMatchObject({
    status: 200,
    json: [{ title: "Run" }],
  });
  expect((await stack.send({ path: "/auth/v1/user", headers })).status).toBe(200);
}

async function goalsOf(id: string): Promise<unknown[]> {
  const goals = await stack.db.query("select * from public.goals where owner_id = $1 order by id", [id]);
  return goals.rows;
}

describe("sign-out", () => {
  it("local: ends ada's session at once, and only that one", async () => {
    const { ada } = people;
    const phone = await signIn(stack, ada);
    await expectAlive(ada);
    await signOut(stack, ada);
    await expectDead(ada, ada.id, "400 TK003", "403 session_not_found");
    expect(refusal(await refresh(ada.refreshToken))).toBe("400 refresh_token_not_found");
    await expectAlive(phone);
  });

  it("others: ends all of ben's sessions but the one that asks", async () => {
    const { ben } = people;
    const phone = await signIn(stack, ben);
    await signOut(stack, ben, "others");
    await expectDead(phone, ben.id, "400 TK003", "403 session_not_found");
    expect(refusal(await refresh(phone.refreshToken))).toBe("400 refresh_token_not_found");
    await expectAlive(ben);
  });

  it("global: ends all of eve's sessions, and nobody else's", async () => {
    const { eve, ben } = people;
    const phone = await signIn(stack, eve);
    await signOut(stack, eve, "global");
    for (const session of [eve, phone]) {
      await expectDead(session, eve.id, "400 TK003", "403 session_not_found");
    }
    await expectAlive(ben);
    await expectAlive(await signIn(stack, eve));
  });

  it("cannot be done to others: revoke_session and a forged scope end nothing of ben's", async () => {
    const { ben } = people;
    const eve = await signIn(stack, people.eve);
    const revoked = await stack.send({
      method: "POST",
      path: "/rest/v1/rpc/revoke_session",
      headers: as(stack, eve),
      body: { session_id: ben.sessionId },
    });
    expect(revoked).toMatchObject({ status: 200, json: false });
    const scope = await stack.send({
      method: "POST",
      path: "/auth/v1/logout?scope=everybody",
      headers: as(stack, eve),
    });
    expect(refusal(scope)).toBe("400 validation_failed");
    await expectAlive(ben);
  });
});

describe("suspension", () => {
  it("silences sue's open session at once, refuses its refresh and a new sign-in, and can be undone", async () => {
    const { sue } = people;
    await expectAlive(sue);
    await suspend(stack, sue);
    await expectDead(sue, sue.id, "400 TK002", "403 user_banned");
    expect(refusal(await refresh(sue.refreshToken))).toBe("400 user_banned");
    await expect(signIn(stack, sue)).rejects.toThrow(/400 .*user_banned/);
    await stack.db.query("update public.profiles set status = 'active' where id = $1", [sue.id]);
    await expectAlive(sue);
  });
});

describe("a ban through the admin API", () => {
  it("silences ivy's open session at once, and lets go of it when it is lifted", async () => {
    const { ivy } = people;
    expect((await admin("PUT", ivy.id, { ban_duration: "24h" })).status).toBe(200);
    await expectDead(ivy, ivy.id, "400 TK003", "403 user_banned");
    expect(refusal(await refresh(ivy.refreshToken))).toBe("400 user_banned");
    await expect(signIn(stack, ivy)).rejects.toThrow(/400 .*user_banned/);
    expect((await admin("PUT", ivy.id, { ban_duration: "none" })).status).toBe(200);
    await expectAlive(ivy);
  });
});

describe("a deleted account", () => {
  it("leaves max with a token that opens nothing, and no rows of his behind", async () => {
    const { max } = people;
    await expectAlive(max);
    expect((await admin("DELETE", max.id)).status).toBe(200);
    await expectDead(max, max.id, "400 TK003", "403 user_not_found");
    expect(refusal(await refresh(max.refreshToken))).toBe("400 refresh_token_not_found");
    await expect(signIn(stack, max)).rejects.toThrow(/400 .*invalid_credentials/);
    expect(await goalsOf(max.id)).toEqual([]);
  });

  it("leaves nothing open when it was deleted softly", async () => {
    const { kim } = people;
    expect((await admin("DELETE", kim.id, { should_soft_delete: true })).status).toBe(200);
    await expectDead(kim, kim.id, "400 TK003", "403 user_not_found");
    await expect(signIn(stack, kim)).rejects.toThrow(/400 .*invalid_credentials/);
  });
});

describe("a refresh token", () => {
  it("that is used again after its successor was used ends the session for thief and owner alike", async () => {
    const stolen = await signIn(stack, people.ben);
    const second = readSession(await refresh(stolen.refreshToken), "the first refresh");
    const third = readSession(await refresh(second.refreshToken), "the second refresh");
    await expectAlive(third);
    expect(refusal(await refresh(stolen.refreshToken))).toBe("400 refresh_token_already_used");
    expect(refusal(await refresh(third.refreshToken))).toBe("400 refresh_token_already_used");
    await expectAlive(people.ben);
  });

  it.each(["", "garbage", "' or '1'='1", "%", "null"])("%j is refused", async (token) => {
    expect((await refresh(token)).status).toBe(400);
  });

  it("is no access token, nor the other way round", async () => {
    const session = await signIn(stack, people.ben);
    const answer = await stack.send({
      path: "/auth/v1/user",
      headers: as(stack, { token: session.refreshToken }),
    });
    expect(refusal(answer)).toBe("403 bad_jwt");
    expect(refusal(await refresh(session.token))).toBe("400 refresh_token_not_found");
    await expectAlive(session);
  });
});

describe("a change of password", () => {
  it("ends every other session of ben's, and the old password with them", async () => {
    const { ben } = people;
    const phone = await signIn(stack, ben);
    const body = { password: "quite another 1 password" };
    const changed = await stack.send({
      method: "PUT",
      path: "/auth/v1/user",
      headers: as(stack, phone),
      body,
    });
    expect(changed.status).toBe(200);
    await expectDead(ben, ben.id, "400 TK003", "403 session_not_found");
    await expectAlive(phone);
    await expect(signIn(stack, ben)).rejects.toThrow(/400 .*invalid_credentials/);
    await expectAlive(await signIn(stack, { ...ben, ...body }));
  });
});
