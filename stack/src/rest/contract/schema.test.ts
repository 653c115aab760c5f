import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Answer, type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture?.stop());

const codeOf = (answer: Answer) => (answer.json as { code: string }).code;

describe("other schemas", () => {
  it.each([
    "/rest/v1/vault",
    "/rest/v1/hidden.vault",
    "/rest/v1/users",
    "/rest/v1/auth.users",
    "/rest/v1/pg_roles",
    "/rest/v1/pg_catalog.pg_roles",
    "/rest/v1/%22hidden%22.%22vault%22",
  ])("ada finds no table at %s", async (path) => {
    const answer = await fixture.as("ada")(`${path}?select=*`);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain("never shown");
  });

  it.each(["hidden", "auth", "pg_catalog", "Public", "public,hidden"])(
    "ada is refused the profile %s, reading and writing",
    async (profile) => {
      const read = await fixture.as("ada")("/rest/v1/notes", { headers: { "accept-profile": profile } });
      const headers = { "content-profile": profile };
      const write = await fixture.as("ada")("/rest/v1/notes", { method: "POST", headers, body: '{"id":1}' });
      expect([read.status, codeOf(read), write.status, codeOf(write)]).toEqual([
        406,
        "PGRST106",
        406,
        "PGRST106",
      ]);
    },
  );

  it("ada's notes are those of public, though hidden has a table of that name", async () => {
    await fixture.as("ada")("/rest/v1/notes", { method: "POST", body: '{"title":"mine"}' });
    const headers = { "accept-profile": "public" };
    expect((await fixture.as("ada")("/rest/v1/notes?select=title", { headers })).json).toEqual([
      { title: "mine" },
    ]);
    // Lite, which looks relations up by bare name, sees the same one.
    const embedded = await fixture.as("ada")("/rest/v1/notes?select=title,rooms(name)", { headers });
    expect(embedded.json).toEqual([{ title: "mine", rooms: null }]);
  });

  it.each(["hidden.notes(secret)", "vault(*)", "users(*)"])(
    "ada embeds nothing hidden: %s",
    async (embed) => {
      const answer = await fixture.as("ada")(`/rest/v1/notes?select=title,${embed}`);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain("never shown");
    },
  );

  it("functions outside the exposed schemas are not callable", async () => {
    for (const name of ["pg_sleep", "pg_read_file", "set_config", "auth.uid", "uid", "pg_catalog.version"]) {
      const answer = await fixture.as("service")(`/rest/v1/rpc/${name}`, { method: "POST", body: "{}" });
      expect([name, answer.status, codeOf(answer)]).toEqual([name, 404, "PGRST202"]);
    }
  });

  it("the root tells nothing of the schema", async () => {
    for (const root of ["/rest/v1", "/rest/v1/"])
      expect((await fixture.as("service")(root)).status).toBe(404);
  });
});

describe("schema cache", () => {
  const select = (who: "ada" | "service", target: string) => fixture.as(who)(`/rest/v1/${target}`);

  it.each([
    ["directly", "fresh?select=id,word", [{ id: 1, word: "new" }]],
    ["by lite", "fresh?select=id,word,rooms(name)", [{ id: 1, word: "new", rooms: { name: "attic" } }]],
  ])("a table made, changed and dropped under way is seen as it is, %s", async (_path, target, rows) => {
    expect((await select("service", target)).status).toBe(404);
    await fixture.admin.query(`
      create table public.fresh (id int primary key, room_id int references public.rooms (id));
      grant select, insert on public.fresh to service_role;
      insert into public.fresh values (1, 2)`);
    await eventually(() => select("service", "fresh?select=id"), 200);
    await fixture.admin.query("alter table public.fresh add word text not null default 'new'");
    await eventually(() => select("service", target), 200);
    expect((await select("service", target)).json).toEqual(rows);
    await fixture.admin.query("drop table public.fresh");
    await eventually(() => select("service", target), 404);
  });

  it("a prepared statement outlives a change of its columns", async () => {
    await fixture.admin.query(`create table public.turned (id int primary key, v int);
      grant select, insert on public.turned to service_role; insert into public.turned values (1, 7)`);
    await eventually(() => select("service", "turned?v=eq.7"), 200);
    for (let round = 0; round < 8; round++) await select("service", "turned?v=eq.7");
    await fixture.admin.query("alter table public.turned alter v type text using 'seven'");
    await eventuallyJson(() => select("service", "turned?v=eq.seven"), [{ id: 1, v: "seven" }]);
    await fixture.admin.query("drop table public.turned");
  });

  it("a new function is callable, and a changed signature is used", async () => {
    const callIt = () => fixture.as("service")("/rest/v1/rpc/late", { method: "POST", body: '{"a":1}' });
    await fixture.admin.query(
      "create function public.late(a int) returns int language sql as 'select a'; grant execute on function public.late to service_role",
    );
    await eventuallyJson(callIt, 1);
    await fixture.admin.query("drop function public.late");
    await fixture.admin.query(
      "create function public.late(a text) returns text language sql as 'select a'; grant execute on function public.late to service_role",
    );
    await eventuallyJson(callIt, "1");
  });

  it("listening goes on after the listener's connection was cut", async () => {
    await fixture.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'rest%'",
    );
    await eventually(() => select("service", "rooms"), 200);
    await fixture.admin.query(
      "create table public.after_cut (id int); grant select on public.after_cut to service_role",
    );
    await eventually(() => select("service", "after_cut"), 200);
  });
});

/** Asks until the answer is as wanted: a notification takes a moment. */
const eventually = (ask: () => Promise<Answer>, status: number) =>
  vi.waitFor(async () => expect((await ask()).status).toBe(status), { timeout: 20_000, interval: 10 });

const eventuallyJson = (ask: () => Promise<Answer>, json: unknown) =>
  vi.waitFor(async () => expect((await ask()).json).toEqual(json), { timeout: 20_000, interval: 10 });
