import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { refusal } from "../support/http.ts";
import { as, asAnon, asService, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Functions that are no part of the API, and functions that try to leave their caller's role. */
let stack: TestStack;
let people: Record<"ada" | "eve", Person>;

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "eve");
  await stack.db.query("insert into public.goals (owner_id, title) values ($1, 'Run')", [people.ada.id]);
});
afterAll(() => stack?.close());

function call(headers: Record<string, string>, name: string, body: unknown = {}) {
  return stack.send({ method: "POST", path: `/rest/v1/rpc/${name}`, headers, body });
}

/** Everybody who asks, with the headers that they send. */
const askers = (): [string, Record<string, string>][] => [
  ["anon", asAnon(stack)],
  ["eve", as(stack, people.eve)],
  ["service", asService(stack)],
];

describe("functions outside public", () => {
  it("are unreachable by name: every one of private, auth, extensions and pgmq (404)", async () => {
    const { rows } = await stack.db.query<{ name: string }>(
      `select distinct p.proname as name from pg_proc p
       where p.pronamespace = any ('{private,auth,extensions,pgmq,realtime,storage}'::regnamespace[])
         and not exists (
           select from pg_proc o where o.proname = p.proname and o.pronamespace = 'public'::regnamespace)
       order by 1`,
    );
    expect(rows.length).toBeGreaterThan(40);
    const headers = as(stack, people.eve);
    const answers = await Promise.all(rows.map(({ name }) => call(headers, name)));
    expect(
      answers.map(({ status }, at) => [rows[at]?.name, status]).filter(([, status]) => status !== 404),
    ).toEqual([]);
  });

  it.each([
    "private.has_role",
    "private%2Ehas_role",
    '"private"."has_role"',
    "pg_sleep",
    "pg_read_file",
    "set_config",
    "current_setting",
    "query_to_xml",
    "dblink",
    "lo_import",
  ])("are unreachable as %j (404)", async (name) => {
    for (const [, headers] of askers()) {
      const answer = await call(headers, encodeURIComponent(decodeURIComponent(name)), { role: "admin" });
      expect(answer.status).toBe(404);
    }
  });

  it("are unreachable by another schema's profile (406 PGRST106)", async () => {
    for (const schema of ["private", "auth", "extensions", "pgmq", "pg_catalog", "information_schema"]) {
      for (const [asker, headers] of askers()) {
        const answer = await call({ ...headers, "content-profile": schema }, "has_role", { role: "admin" });
        expect([schema, asker, refusal(answer)]).toEqual([schema, asker, "406 PGRST106"]);
      }
    }
  });

  it("stay so for anon even in SQL: private definers are executed by the roles that need them", async () => {
    const { rows } = await stack.db.query<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p
       where p.pronamespace = 'private'::regnamespace and p.prosecdef and has_function_privilege('anon', p.oid, 'execute')
       order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      "private.check_username(text)",
      "private.is_live()",
      "private.mail_unsubscribe(text)",
      "private.require_live()",
      "private.username_available(text)",
    ]);
  });
});

describe("a function of the API", () => {
  it("takes no more arguments than it has (404), and is no way to another by its path", async () => {
    const headers = as(stack, people.eve);
    expect(refusal(await call(headers, "my_limits", { owner: people.ada.id }))).toBe("404 PGRST202");
    expect((await call(headers, "my_limits/../goal_create")).status).toBe(404);
    expect((await call(headers, "my_limits")).status).toBe(200);
  });

  it("that writes does not write when it is asked with GET", async () => {
    const goal = encodeURIComponent(JSON.stringify({ title: "Swim" }));
    const got = await stack.send({
      path: `/rest/v1/rpc/goal_create?goal=${goal}`,
      headers: as(stack, people.eve),
    });
    expect(got.status).toBeGreaterThanOrEqual(400);
    const { rows } = await stack.db.query("select from public.goals where owner_id = $1", [people.eve.id]);
    expect(rows).toEqual([]);
    expect((await call(as(stack, people.eve), "goal_create", { goal: { title: "Swim" } })).status).toBe(200);
  });

  it("makes no goal for somebody else: an owner in its argument is refused by name", async () => {
    const answer = await call(as(stack, people.eve), "goal_create", {
      goal: { title: "Fly", owner_id: people.ada.id },
    });
    expect(refusal(answer)).toBe("400 TK007");
    expect(answer.text).toContain("owner_id");
  });
});

/** What a careless migration might bring: functions of the project's own role that play with roles. */
describe("a function that leaves its role", () => {
  beforeAll(async () => {
    await stack.db.query(`
      create function public.probe_who() returns text language sql as 'select current_user::text';
      create function public.probe_reset() returns bigint language plpgsql as $$
        begin reset role; return (select count(*) from public.goals); end $$;
      create function public.probe_admin() returns bigint language plpgsql as $$
        begin set role supabase_admin; return (select count(*) from public.goals); end $$;
      create function public.probe_postgres() returns bigint language plpgsql as $$
        begin set role postgres; return (select count(*) from public.goals); end $$;
      create function public.probe_session() returns void language plpgsql as $$
        begin set session authorization postgres; end $$;
      create function public.probe_definer() returns bigint language plpgsql security definer as $$
        begin set role service_role; return (select count(*) from public.goals); end $$;
      create function public.probe_linger() returns void language plpgsql as $$
        begin
          set role service_role;
          perform set_config('role', 'service_role', false);
          perform set_config('request.jwt.claims', '{"role": "service_role", "sub": "${people.ada.id}"}', false);
          perform set_config('search_path', 'auth', false);
          perform set_config('statement_timeout', '0', false);
        end $$;
      create function public.probe_seen() returns json language sql as $$
        select json_build_object('user', current_user, 'sub', auth.uid(), 'path', current_setting('search_path'),
          'timeout', current_setting('statement_timeout'), 'goals', (select count(*) from public.goals)) $$;
      grant execute on function public.probe_who(), public.probe_reset(), public.probe_admin(), public.probe_postgres(),
        public.probe_session(), public.probe_definer(), public.probe_linger(), public.probe_seen()
        to anon, authenticated;`);
    // REST learns of new functions by a notification.
    await vi.waitFor(async () => expect((await call(as(stack, people.eve), "probe_who")).status).toBe(200), {
      timeout: 60_000,
    });
  });

  it("does not reach further by `reset role`: authenticator may read nothing (403 42501)", async () => {
    expect(refusal(await call(as(stack, people.eve), "probe_reset"))).toBe("403 42501");
    expect(refusal(await call(asAnon(stack), "probe_reset"))).toBe("401 42501");
  });

  it.each(["probe_admin", "probe_postgres", "probe_session", "probe_definer"])(
    "cannot become an owner or a superuser: %s (403 42501)",
    async (name) => {
      const answer = await call(as(stack, people.eve), name);
      // A definer cannot set a role at all (0A000 or 42501, by Postgres' own wording).
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    },
  );

  it("leaves nothing behind for the next caller on the same connections", async () => {
    const eve = as(stack, people.eve);
    // As many at once as there are connections, so that each is poisoned.
    await Promise.all(Array.from({ length: 24 }, () => call(eve, "probe_linger")));
    const answers = await Promise.all(Array.from({ length: 24 }, () => call(eve, "probe_seen")));
    for (const { json } of answers) {
      expect(json).toMatchObject({ user: "authenticated", sub: people.eve.id, timeout: "8s", goals: 1 });
      expect(json).toMatchObject({ path: '"public", "extensions"' });
    }
    const anon = await call(asAnon(stack), "probe_who");
    expect(anon.json).toBe("anon");
    const list = { path: "/rest/v1/goals?select=title,owner:profiles!goals_owner_id_fkey(id)", headers: eve };
    expect((await stack.send(list)).json).toEqual([{ title: "Swim", owner: { id: people.eve.id } }]);
  });

  it("is what the caller is when it does nothing of the kind", async () => {
    expect((await call(as(stack, people.eve), "probe_who")).json).toBe("authenticated");
    expect((await call(asAnon(stack), "probe_who")).json).toBe("anon");
  });
});
