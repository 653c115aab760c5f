import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttp } from "../support/http.ts";
import { mailsTo, newestMail } from "../support/mail.ts";
import { as, asAnon, createPeople, type Person, promote, suspend } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** What lies beside the API: files, logs, mails, and the database's own door. */
let stack: TestStack;
let people: Record<"ada" | "root", Person>;

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "root");
});
afterAll(() => stack?.close());

const auth = (what: string, body: unknown) =>
  stack.send({ method: "POST", path: `/auth/v1/${what}`, headers: asAnon(stack), body });

async function logs(): Promise<string> {
  const files = ["stack.log", "postgres/postgres.log"];
  return (await Promise.all(files.map((file) => readFile(path.join(stack.data, file), "utf8")))).join("\n");
}

describe("the logs", () => {
  it("hold no address, password, token, key, title or code, of good calls and of bad ones", async () => {
    const { ada } = people;
    const title = "A very private goal";
    const email = "logged@example.test";
    const headers = as(stack, ada);
    await auth("signup", { email, password: "never log 1 of these" });
    await auth("signup", { email: ada.email, password: "never log 1 of these" });
    await auth("token?grant_type=password", { email: ada.email, password: "wrong but 1 secret" });
    await auth("token?grant_type=refresh_token", { refresh_token: "no-such-refresh-token" });
    await auth("recover", { email: ada.email });
    await auth("verify", { email: ada.email, token: "918273", type: "recovery" });
    const goal = { method: "POST", path: "/rest/v1/goals", headers };
    await stack.send({ ...goal, body: { title } });
    await stack.send({ ...goal, body: { title } });
    await stack.send({ ...goal, body: { title: `<b>${title}` } });
    await stack.send({ ...goal, body: { title, owner_id: "no-uuid-at-all" } });
    await stack.send({
      path: `/rest/v1/goals?title=eq.${encodeURIComponent(title)}&apikey=${stack.env.SECRET_KEY}`,
    });
    await stack.send({ path: `/rest/v1/${ada.id}/${ada.email}`, headers });
    await stack.send({ path: "/rest/v1/goals?select=nothing", headers });

    const written = await logs();
    expect(written).toContain('"path":"/rest/v1/goals"');
    const secrets = [
      ...[
        ada.email,
        email,
        ada.password,
        "never log",
        "wrong but",
        "no-such-refresh",
        "918273",
        title,
        "no-uuid-at-all",
      ],
      ...[ada.token, ada.refreshToken, stack.env.SECRET_KEY, stack.env.PUBLISHABLE_KEY, stack.env.JWT_SECRET],
      ...[ada.token.split(".")[2] ?? "?", "$2a$10$"],
    ];
    expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
  });
});

describe("the data directory", () => {
  it("is its owner's alone, keys and logs too", async () => {
    const modeOf = async (file: string) =>
      ((await stat(path.join(stack.data, file))).mode & 0o777).toString(8);
    expect(await modeOf(".")).toBe("700");
    expect(await modeOf("postgres")).toBe("700");
    for (const file of ["keys.json", "stack.log", "state.json"])
      expect([file, await modeOf(file)]).toEqual([file, "600"]);
  });
});

describe("the database's own door", () => {
  async function login(change: (url: URL) => void): Promise<string> {
    const url = new URL(stack.env.DB_URL);
    change(url);
    const client = new pg.Client({ connectionString: url.href });
    try {
      await client.connect();
      await client.end();
      return "in";
    } catch (error) {
      return error instanceof pg.DatabaseError ? (error.code ?? "") : "no password";
    }
  }

  it("opens for nobody without the right password, and for no API role at all", async () => {
    expect(await login(() => {})).toBe("in");
    for (const password of ["", "postgres", "password", stack.env.JWT_SECRET]) {
      expect(await login((url) => Object.assign(url, { password }))).toMatch(/^(28P01|no password)$/);
    }
    for (const username of ["anon", "authenticated", "service_role", "supabase_admin", "authenticator"]) {
      expect(await login((url) => Object.assign(url, { username }))).toMatch(/^28(P01|000)$/);
    }
  });

  it("leads no superuser in: `postgres` reads no file, runs no program, and becomes no superuser", async () => {
    const attempts = [
      "select pg_read_file('/etc/passwd')",
      "copy (select 1) to program 'true'",
      "copy public.goals (title) from '/etc/passwd'",
      "set role supabase_admin",
      "alter role postgres superuser",
      "create extension plpython3u",
      "create function public.c(text) returns text as '/lib/x86_64-linux-gnu/libc.so.6', 'system' language c",
    ];
    for (const attempt of attempts) {
      const refused = await stack.db.query(attempt).catch((error: unknown) => error);
      expect([attempt, refused instanceof pg.DatabaseError && refused.code]).toEqual([
        attempt,
        attempt.includes("plpython") ? expect.stringMatching(/42501|0A000|58P01/) : "42501",
      ]);
    }
  });
});

describe("a mail", () => {
  it("carries what its reader called themselves as text, never as markup or template", async () => {
    const email = "odd@example.test";
    const name = `<img src=x onerror=alert(1)>{{ .Token }}\r\nBcc: eve@example.test`;
    const data = { display_name: name, locale: "<script>", full_name: name };
    expect((await auth("signup", { email, password: "odd has 1 long password", data })).status).toBe(200);
    expect(await mailsTo(stack, email)).toMatchObject([{ To: [{ Address: email }], Bcc: [] }]);
    const { HTML } = await newestMail(stack, email);
    expect(HTML).not.toMatch(/<img|<script/);
  });

  it.each([
    "a@b.test\r\nBcc: eve@example.test",
    "a@b.test,eve@example.test",
    "<a@b.test>",
    "a@b.test\0",
    "a b@c.test",
  ])("goes to no address like %j (400 validation_failed or bad_json)", async (email) => {
    const answer = await auth("recover", { email });
    expect(answer.status).toBe(400);
  });

  it("is read by no other site's page: another host name is refused, and no CORS header invites one", async () => {
    const mailbox = createHttp(stack.env.MAILPIT_URL);
    const rebound = await mailbox.send({ path: "/api/v1/messages", headers: { host: "evil.test" } });
    const foreign = await mailbox.send({
      path: "/api/v1/messages",
      headers: { origin: "https://evil.test" },
    });
    mailbox.close();
    expect(rebound.status).toBe(403);
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("an administrator", () => {
  it("who is suspended sees nothing of anybody, at once", async () => {
    const { root, ada } = people;
    await promote(stack, root);
    const list = { path: `/rest/v1/profiles?select=id&id=eq.${ada.id}`, headers: as(stack, root) };
    expect((await stack.send(list)).json).toEqual([{ id: ada.id }]);
    await suspend(stack, root);
    expect((await stack.send(list)).json).toEqual([]);
  });
});
