import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { as, asAnon, asService, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Requests that are bent on the way: paths, methods, headers. */
let stack: TestStack;
let people: Record<"ada" | "eve", Person>;
const run = crypto.randomUUID();

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "eve");
  await stack.db.query("insert into public.goals (id, owner_id, title) values ($1, $2, 'Run')", [
    run,
    people.ada.id,
  ]);
});
afterAll(() => stack?.close());

const goals = async () => (await stack.db.query("select * from public.goals order by id")).rows;

describe("a path", () => {
  it.each([
    "/rest/v1/../../auth/v1/admin/users",
    "/rest/v1/..%2f..%2fauth/v1/admin/users",
    "/rest/v1/%2e%2e/%2e%2e/auth/v1/admin/users",
    "/auth/v1/health/../admin/users",
    "/auth/v1/verify/..%2fadmin/users",
    "/auth/v1/.well-known/%2e%2e/admin/users",
    "/auth/v1/.well-known/..%5cadmin/users",
    "//auth/v1/admin/users",
    "/auth//v1/admin/users",
    "/auth/v1//admin/users",
    "/auth/v1/./admin/users",
    "/AUTH/V1/admin/users",
    "/auth/v1;/admin/users",
    "/auth/v1%2fadmin/users",
    "/auth/v1\\admin\\users",
    "/auth/v1/admin%00/users",
    "/auth/v1/admin/users%0d%0aset-cookie:x=1",
    "/_system/info",
    "/rest/v1/_system/info",
    "/system/info",
    "/admin",
    "/storage/v1/../../auth/v1/admin/users",
    "/.env",
    "/keys.json",
  ])("%s leads nowhere (404), with the secret key and without", async (path) => {
    for (const headers of [{}, asAnon(stack), asService(stack)]) {
      const answer = await stack.send({ path, headers });
      expect([401, 404]).toContain(answer.status);
      expect(answer.text).not.toContain(people.ada.email);
      expect(answer.text).not.toMatch(/postgres(ql)?:\/\//);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
    expect((await stack.send({ path, headers: asService(stack) })).status).toBe(404);
  });

  it("in full, with another host's name, is taken for what it is or refused, and never fetched", async () => {
    const answer = await stack.send({ path: "http://127.0.0.1:1/rest/v1/goals", headers: asService(stack) });
    expect([400, 404]).toContain(answer.status);
  });

  it("that is plain leads where it says", async () => {
    const answer = await stack.send({ path: "/auth/v1/admin/users", headers: asService(stack) });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(people.ada.email);
  });
});

describe("a method", () => {
  it.each([
    { "x-http-method-override": "DELETE" },
    { "x-http-method": "DELETE" },
    { "x-method-override": "DELETE" },
  ])("in a header, %j, changes none", async (override) => {
    const before = await goals();
    const headers = { ...asService(stack), ...override };
    const got = await stack.send({ path: `/rest/v1/goals?select=id&id=eq.${run}`, headers });
    expect(got).toMatchObject({ status: 200, json: [{ id: run }] });
    const user = await stack.send({ path: `/auth/v1/admin/users/${people.eve.id}`, headers });
    expect(user).toMatchObject({ status: 200, json: { id: people.eve.id } });
    await stack.send({
      method: "POST",
      path: `/rest/v1/goals?id=eq.${run}&_method=DELETE`,
      headers,
      body: {},
    });
    expect(await goals()).toEqual(before);
  });

  it.each(["TRACE", "PROPFIND", "LINK", "PURGE", "COPY", "LOCK"])("%s is refused (4xx)", async (method) => {
    const before = await goals();
    for (const path of [`/rest/v1/goals?id=eq.${run}`, `/auth/v1/admin/users/${people.ada.id}`]) {
      const answer = await stack.send({ method, path, headers: asService(stack) });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect(await goals()).toEqual(before);
  });

  it("PUT, which is an upsert of one row, does not reach ada's goal from eve's hands", async () => {
    const before = await goals();
    const answer = await stack.send({
      method: "PUT",
      path: `/rest/v1/goals?id=eq.${run}`,
      headers: as(stack, people.eve),
      body: { id: run, owner_id: people.eve.id, title: "Mine now" },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await goals()).toEqual(before);
  });

  it("HEAD and OPTIONS carry no rows", async () => {
    const path = "/rest/v1/goals?select=title";
    const head = await stack.send({ method: "HEAD", path, headers: as(stack, people.ada) });
    expect(head).toMatchObject({ status: 200, text: "" });
    const options = await stack.send({ method: "OPTIONS", path, headers: as(stack, people.ada) });
    expect(options.text).not.toContain("Run");
  });
});

describe("headers", () => {
  it("of 40 KiB are refused (431), and the next request is answered", async () => {
    const path = "/rest/v1/goals?select=title";
    for (const big of [{ "x-big": "x".repeat(40_000) }, { authorization: `Bearer ${"x".repeat(40_000)}` }]) {
      const answer = await stack.send({ path, headers: { ...as(stack, people.ada), ...big } });
      expect(answer.status).toBe(431);
    }
    expect((await stack.send({ path, headers: as(stack, people.ada) })).json).toEqual([{ title: "Run" }]);
  });

  it("that name roles, claims or databases give no right", async () => {
    const headers = {
      ...as(stack, people.eve),
      role: "service_role",
      "x-role": "service_role",
      "request.jwt.claims": `{"sub": "${people.ada.id}"}`,
      "x-supabase-role": "service_role",
      "x-forwarded-user": people.ada.id,
      "x-client-info": "supabase-admin",
      cookie: `sb-access-token=${people.ada.token}`,
      prefer: "tx=commit, params=single-object, missing=default",
    };
    expect((await stack.send({ path: "/rest/v1/goals", headers })).json).toEqual([]);
    expect((await stack.send({ path: "/auth/v1/user", headers })).json).toMatchObject({ id: people.eve.id });
  });

  it("of cross-origin requests never allow credentials", async () => {
    for (const origin of ["https://evil.test", "null"]) {
      const answer = await stack.send({
        path: "/rest/v1/goals?select=title",
        headers: { ...as(stack, people.ada), origin },
      });
      expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
      expect(answer.headers["access-control-allow-origin"]).toBe("*");
    }
  });
});
