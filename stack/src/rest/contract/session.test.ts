import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Fixture, people, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture?.stop());

const call = (who: "ada" | "ben" | "anon" | "service", name: string, body = "{}", query = "") =>
  fixture.as(who)(`/rest/v1/rpc/${name}${query}`, {
    method: "POST",
    body,
    headers: { "x-test": "yes", cookie: "a=1; taste=sweet" },
  });

// `?select=*` on a call is beyond the direct path: the same request by lite.
describe.each([
  ["directly", ""],
  ["by lite", "?select=*"],
])("what a function sees of its request, %s", (_path, query) => {
  it("ada runs as authenticated, with her claims, method, path, headers and cookies", async () => {
    const { json } = await call("ada", "whoami", "{}", query);
    expect(json).toMatchObject({
      user: "authenticated",
      uid: people.ada,
      claims: { sub: people.ada, role: "authenticated", aud: "authenticated" },
      method: "POST",
      path: "/rpc/whoami",
      header: "yes",
      cookie: "sweet",
    });
  });

  it("a bare publishable key runs as anon without a user", async () => {
    const { json } = await call("anon", "whoami", "{}", query);
    expect(json).toMatchObject({ user: "anon", uid: null, claims: { role: "anon" } });
  });

  it("the secret key runs as service_role", async () => {
    const { json } = await call("service", "whoami", "{}", query);
    expect(json).toMatchObject({ user: "service_role", uid: null, claims: { role: "service_role" } });
  });

  it("a function that resets its role ends up as authenticator, which may read nothing", async () => {
    expect((await call("ada", "step_back", "{}", query)).json).toBe("authenticator");
    const read = await call("ada", "step_back_and_read", "{}", query);
    expect([read.status, (read.json as { code: string }).code]).toEqual([403, "42501"]);
  });

  it("what a function leaves behind at session level does not reach ben's next requests", async () => {
    // More often than there are connections, so that each has been left in that state.
    for (let round = 0; round < 6; round++) await call("ada", "leave_settings", "{}", query);
    for (let round = 0; round < 6; round++) {
      const { json } = await call("ben", "whoami", "{}", query);
      expect(json).toMatchObject({ user: "authenticated", uid: people.ben });
      expect((await fixture.as("ben")("/rest/v1/rooms?select=id&order=id")).json).toEqual([
        { id: 1 },
        { id: 2 },
      ]);
    }
  });

  it("a statement of authenticated is cut off by that role's own timeout", async () => {
    await fixture.admin.query("alter role authenticated set statement_timeout = '200ms'");
    await fixture.admin.query("notify pgrst, 'reload schema'");
    await until(async () => {
      const answer = await call("ada", "sleep", '{"seconds":1}', query);
      expect([answer.status, (answer.json as { code: string }).code]).toEqual([500, "57014"]);
    });
    await fixture.admin.query("alter role authenticated set statement_timeout = '8s'");
    await fixture.admin.query("notify pgrst, 'reload schema'");
    await until(async () => expect((await call("ada", "sleep", '{"seconds":0.3}', query)).status).toBe(204));
  });
});

describe("a connection that is cut off under way", () => {
  it.each(["", "?select=*"])(
    "ada's statement is answered with 503, and the next ones are served (%s)",
    async (query) => {
      // A backend that has been told to end shows for a moment longer.
      let ended: number[] = [];
      // More often than there are connections, of either kind.
      for (let round = 0; round < 9; round++) {
        const lost = call("ada", "sleep", '{"seconds":20}', query);
        await until(async () => {
          const { rows } = await fixture.admin.query<{ pid: number }>(
            `select pid, pg_terminate_backend(pid) from pg_stat_activity
           where usename = 'authenticator' and state = 'active' and query like '%sleep%' and pid <> all ($1)`,
            [ended],
          );
          expect(rows).toHaveLength(1);
          ended = [...ended, ...rows.map(({ pid }) => pid)];
        });
        expect((await lost).status).toBe(503);
        expect((await call("ada", "whoami", "{}", query)).json).toMatchObject({ uid: people.ada });
      }
    },
  );
});

describe("a database that takes no connections", () => {
  it("everybody who asks meanwhile is answered with 503, and served once it takes them again", async () => {
    const ask = (query: string) => call("ada", "whoami", "{}", query).then(({ status }) => status);
    const crowd = () =>
      Promise.all(Array.from({ length: 40 }, (_, place) => ask(place % 4 ? "" : "?select=*")));
    await fixture.admin.query("alter role authenticator nologin");
    await fixture.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'",
    );
    await until(async () => expect(new Set(await crowd())).toEqual(new Set([503])));
    await fixture.admin.query("alter role authenticator login");
    await until(async () => expect(new Set(await crowd())).toEqual(new Set([200])));
  });
});

describe("GET", () => {
  it("runs read-only: a function that writes is refused with 405", async () => {
    const answer = await fixture.as("ada")("/rest/v1/rpc/write_note?title=sneaky");
    expect([answer.status, (answer.json as { code: string }).code]).toEqual([405, "25006"]);
    const twin = await call("ada", "write_note", '{"title":"open"}');
    expect(twin.status).toBe(204);
  });
});

describe("response settings", () => {
  it.each(["", "?select=*"])("a function chooses its status and headers (%s)", async (query) => {
    const answer = await call("ada", "shaped", "{}", query);
    expect([answer.status, answer.headers.get("x-pot"), answer.json]).toEqual([
      418,
      "tea",
      "short and stout",
    ]);
  });
});

/** Waits for what follows from a notification or shows in a view, which takes a moment. */
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 10 });
