import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../support/http.ts";
import { as, asAnon, asService, createPeople, type Person, promote, signIn } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Ways to become more than one is. */
let stack: TestStack;
let people: Record<"ada" | "eve" | "root", Person>;

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "eve", "root");
  await promote(stack, people.root);
});
afterAll(() => stack?.close());

async function userRow(id: string): Promise<Record<string, unknown>> {
  const { rows } = await stack.db.query(
    `select id, role, aud, is_super_admin, raw_app_meta_data as app, banned_until, email_confirmed_at, email
     from auth.users where id = $1`,
    [id],
  );
  return rows[0] ?? {};
}

async function rolesOf(id: string): Promise<string[]> {
  const { rows } = await stack.db.query<{ role: string }>(
    "select role::text from public.user_roles where user_id = $1 order by 1",
    [id],
  );
  return rows.map(({ role }) => role);
}

describe("sign-up data that claims more", () => {
  it("makes mal an unconfirmed member like anybody, whatever the body says", async () => {
    const account = { email: "mal@example.test", password: "mal has 1 long password" };
    const claimed = crypto.randomUUID();
    const made = await stack.send({
      method: "POST",
      path: "/auth/v1/signup",
      headers: asAnon(stack),
      body: {
        ...account,
        id: claimed,
        role: "service_role",
        aud: "admin",
        is_super_admin: true,
        email_confirm: true,
        confirmed_at: "2020-01-01T00:00:00Z",
        app_metadata: { role: "admin" },
        user_metadata: { role: "admin" },
        data: {
          username: "mal-test",
          role: "admin",
          status: "active",
          plan: "gold",
          app_metadata: { role: "admin" },
          email_verified: true,
          sub: people.ada.id,
        },
      },
    });
    expect(made.status).toBe(200);
    const { id } = made.json as { id: string };
    expect(id).not.toBe(claimed);
    await expect(signIn(stack, account)).rejects.toThrow(/400 .*email_not_confirmed/);
    expect(await userRow(id)).toMatchObject({
      role: "authenticated",
      aud: "authenticated",
      is_super_admin: null,
      app: { provider: "email", providers: ["email"] },
      email_confirmed_at: null,
    });
    expect(await rolesOf(id)).toEqual(["member"]);
    const { rows } = await stack.db.query("select plan, status from public.profiles where id = $1", [id]);
    expect(rows).toEqual([{ plan: "free", status: "active" }]);

    // Confirmed as by the mail, mal's session is worth what anybody's is.
    await stack.db.query("update auth.users set email_confirmed_at = now() where id = $1", [id]);
    const session = await signIn(stack, account);
    expect(decodeJwt(session.token)).toMatchObject({
      sub: id,
      role: "authenticated",
      app_metadata: { provider: "email", providers: ["email"] },
      user_metadata: { sub: id, email: account.email },
    });
    const seen = await stack.send({ path: "/rest/v1/profiles?select=id", headers: as(stack, session) });
    expect(seen.json).toEqual([{ id }]);
  });

  it("is taken where it is harmless: a username, a name and a language", async () => {
    const { rows } = await stack.db.query("select username from public.profiles where id = $1", [
      people.ada.id,
    ]);
    expect(rows).toEqual([{ username: "ada-test" }]);
  });
});

describe("a change of one's own account", () => {
  it("to an admin by app_metadata is refused (403 not_admin), and nothing else of the body is kept", async () => {
    const { eve } = people;
    const answer = await stack.send({
      method: "PUT",
      path: "/auth/v1/user",
      headers: as(stack, eve),
      body: { app_metadata: { role: "admin" }, data: { half: "written" } },
    });
    expect(refusal(answer)).toBe("403 not_admin");
    const { rows } = await stack.db.query("select raw_user_meta_data as data from auth.users where id = $1", [
      eve.id,
    ]);
    expect(rows[0].data).not.toHaveProperty("half");
  });

  it("by fields that only administrators set changes none of them", async () => {
    const { eve } = people;
    const before = await userRow(eve.id);
    const answer = await stack.send({
      method: "PUT",
      path: "/auth/v1/user",
      headers: as(stack, eve),
      body: {
        id: people.ada.id,
        role: "service_role",
        aud: "admin",
        is_super_admin: true,
        ban_duration: "none",
        email_confirm: true,
        user_metadata: { role: "admin" },
      },
    });
    expect(answer.status).toBe(200);
    expect(await userRow(eve.id)).toEqual(before);
  });

  it("by metadata that says admin makes eve no administrator, while root, in the table, is one", async () => {
    const { eve, root, ada } = people;
    const data = { role: "admin", roles: ["admin"], app_metadata: { role: "admin" } };
    const changed = await stack.send({
      method: "PUT",
      path: "/auth/v1/user",
      headers: as(stack, eve),
      body: { data },
    });
    expect(changed.status).toBe(200);
    const fresh = await signIn(stack, eve);
    expect(decodeJwt(fresh.token)).toMatchObject({ role: "authenticated", user_metadata: { role: "admin" } });
    const path = `/rest/v1/profiles?select=id&id=eq.${ada.id}`;
    expect((await stack.send({ path, headers: as(stack, fresh) })).json).toEqual([]);
    expect((await stack.send({ path, headers: as(stack, root) })).json).toEqual([{ id: ada.id }]);
  });
});

describe("the admin API", () => {
  const calls = (id: string): [string, string, unknown?][] => [
    ["GET", "/auth/v1/admin/users"],
    ["GET", `/auth/v1/admin/users/${id}`],
    ["PUT", `/auth/v1/admin/users/${id}`, { password: "taken over 1 time" }],
    ["DELETE", `/auth/v1/admin/users/${id}`],
    ["POST", "/auth/v1/admin/users", { email: "new@example.test", password: "made by 1 stranger" }],
    ["POST", "/auth/v1/admin/generate_link", { type: "recovery", email: people.ada.email }],
    ["POST", "/auth/v1/invite", { email: "new@example.test" }],
    ["GET", `/auth/v1/admin/users/${id}/factors`],
    ["DELETE", `/auth/v1/admin/users/${id}/factors/${id}`],
  ];

  it("refuses strangers (401), users and even the app's own administrators (403), and leaves ada as she is", async () => {
    const { ada, eve, root } = people;
    const before = await userRow(ada.id);
    for (const [method, path, body] of calls(ada.id)) {
      const send = (headers: Record<string, string>) => stack.send({ method, path, headers, body });
      expect([path, refusal(await send(asAnon(stack)))]).toEqual([path, "401 no_authorization"]);
      expect([path, refusal(await send(as(stack, eve)))]).toEqual([path, "403 not_admin"]);
      expect([path, refusal(await send(as(stack, root)))]).toEqual([path, "403 not_admin"]);
    }
    expect(await userRow(ada.id)).toEqual(before);
    const { rows } = await stack.db.query("select from auth.users where email = 'new@example.test'");
    expect(rows).toEqual([]);
  });

  it("answers the holder of the secret key", async () => {
    const answer = await stack.send({
      path: `/auth/v1/admin/users/${people.ada.id}`,
      headers: asService(stack),
    });
    expect(answer).toMatchObject({ status: 200, json: { id: people.ada.id } });
  });
});
