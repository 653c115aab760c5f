import net from "node:net";
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

  it("given twice do not take the later for the truer", async () => {
    const headers = { apikey: stack.env.PUBLISHABLE_KEY };
    const twice = await sendRaw([
      "GET /rest/v1/goals?select=title HTTP/1.1",
      "host: x",
      `apikey: ${headers.apikey}`,
      `authorization: Bearer ${people.eve.token}`,
      `authorization: Bearer ${people.ada.token}`,
      "connection: close",
    ]);
    expect(twice).toMatch(/^HTTP\/1\.1 (200|400|401)/);
    expect(twice).not.toContain("Run");
    const keys = await sendRaw([
      "GET /rest/v1/goals?select=title HTTP/1.1",
      "host: x",
      "apikey: wrong",
      `apikey: ${stack.env.SECRET_KEY}`,
      "connection: close",
    ]);
    expect(keys).not.toContain("Run");
  });

  it("of two lengths, with a second request inside the body, are refused (400)", async () => {
    const inner = `GET /rest/v1/goals?select=title HTTP/1.1\r\nhost: x\r\napikey: ${stack.env.SECRET_KEY}\r\n\r\n`;
    const smuggled = await sendRaw(
      [
        "POST /auth/v1/recover HTTP/1.1",
        "host: x",
        `apikey: ${stack.env.PUBLISHABLE_KEY}`,
        "content-type: application/json",
        `content-length: ${inner.length + 5}`,
        "transfer-encoding: chunked",
        "connection: close",
      ],
      `0\r\n\r\n${inner}`,
    );
    expect(smuggled).toMatch(/^HTTP\/1\.1 400/);
    expect(smuggled).not.toContain("Run");
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

describe("rubbish", () => {
  const key = () => `apikey: ${stack.env.PUBLISHABLE_KEY}`;
  it.each<[string, () => string[], string?]>([
    ["half an escape in the path", () => ["GET /rest/v1/goals%E0%A4%A HTTP/1.1", "host: x", key()]],
    [
      "half an escape in the query",
      () => ["GET /rest/v1/goals?title=eq.%E0%A4%A HTTP/1.1", "host: x", key()],
    ],
    ["a percent sign alone", () => ["GET /auth/v1/admin/users/% HTTP/1.1", "host: x", key()]],
    ["bytes above 127 in the path", () => ["GET /rest/v1/g\u00f6als?\u00e9=eq.1 HTTP/1.1", "host: x", key()]],
    [
      "a length that is no number",
      () => ["POST /rest/v1/goals HTTP/1.1", "host: x", key(), "content-length: abc"],
    ],
    ["a negative length", () => ["POST /rest/v1/goals HTTP/1.1", "host: x", key(), "content-length: -1"]],
    [
      "a chunk that is none",
      () => ["POST /rest/v1/goals HTTP/1.1", "host: x", key(), "transfer-encoding: chunked"],
      "zz\r\n",
    ],
    ["no host", () => ["GET /rest/v1/goals HTTP/1.1", key()]],
    ["a host that is no name", () => ["GET /rest/v1/goals HTTP/1.1", "host: [::::", key()]],
    ["another protocol", () => ["\x16\x03\x01\x02\x00\x01"]],
    ["a newer version", () => ["GET /rest/v1/goals HTTP/9.9", "host: x", key()]],
    [
      "an upgrade that nobody offers",
      () => ["GET /rest/v1/goals HTTP/1.1", "host: x", key(), "connection: upgrade", "upgrade: websocket"],
    ],
    [
      "a header of control characters",
      () => ["GET /rest/v1/goals HTTP/1.1", "host: x", key(), "x-odd: a\u0001b"],
    ],
  ])("such as %s is answered with 4xx and ends no more than its connection", async (_, head, body) => {
    const lines = head();
    const closing = lines.some((line) => line.startsWith("connection:"))
      ? lines
      : [...lines, "connection: close"];
    const answer = await sendRaw(closing, body);
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await stack.send({ path: "/health" })).status).toBe(200);
  });
});

/** Sends bytes as they are, and reads until the other side closes. */
function sendRaw(head: string[], body = ""): Promise<string> {
  const { hostname, port } = new URL(stack.env.API_URL);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () =>
      socket.write(`${head.join("\r\n")}\r\n\r\n${body}`),
    );
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
