import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthKit, startAuthKit } from "./auth-kit.ts";

let kit: AuthKit;
beforeAll(async () => {
  kit = await startAuthKit();
});
afterAll(() => kit.stop());

class Undo extends Error {}

/** Runs statements as a migration would, and takes them back. */
async function attempt(work: (tx: postgres.TransactionSql) => Promise<unknown>): Promise<string> {
  try {
    await kit.sql.begin(async (tx) => {
      await work(tx);
      throw new Undo();
    });
    return "committed";
  } catch (error) {
    if (error instanceof Undo) return "allowed";
    return String(Reflect.get(error as object, "code"));
  }
}

describe("the project's own role", () => {
  it.each([
    ["a table", "create table auth.mine ()"],
    ["a function", "create function auth.mine() returns int language sql as 'select 1'"],
    ["an index", "create index mine on auth.users (aud)"],
    ["a view", "create view auth.mine as select 1"],
  ])("cannot put %s into the schema", async (_, statement) => {
    expect(await attempt((tx) => tx.unsafe(statement))).toBe("42501");
  });

  it.each([
    [
      "refer to users and sessions",
      "create table public.mine (u uuid references auth.users (id) on delete cascade, s uuid references auth.sessions (id) on delete set null)",
    ],
    [
      "follow users with a trigger",
      "create function public.mine() returns trigger language plpgsql as 'begin return new; end'; create trigger mine after insert on auth.users for each row execute function public.mine()",
    ],
    [
      "write policies on sessions",
      "create policy mine on auth.sessions for select to authenticated using (user_id = auth.uid())",
    ],
    ["read users", "select * from auth.users"],
    ["delete a user", "delete from auth.users where false"],
  ])("may %s, as on hosted", async (_, statement) => {
    expect(await attempt((tx) => tx.unsafe(statement))).toBe("allowed");
  });
});

describe("the roles of the API", () => {
  it.each(["anon", "authenticated", "service_role"])(
    "%s reads and writes no table of the schema",
    async (role) => {
      const tables = await kit.sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'auth' order by 1`;
      expect(tables.length).toBeGreaterThan(15);
      for (const { name } of tables) {
        const outcomes = [];
        for (const statement of [`select from auth.${name}`, `delete from auth.${name}`]) {
          outcomes.push(
            await attempt(async (tx) => {
              await tx.unsafe(`set local role ${role}`);
              await tx.unsafe(statement);
            }),
          );
        }
        expect([name, ...outcomes]).toEqual([name, "42501", "42501"]);
      }
    },
  );

  it.each([
    [
      "request.jwt.claims",
      JSON.stringify({
        sub: "9e4d4c5a-0000-4000-8000-00000000ada0",
        role: "authenticated",
        email: "ada@example.com",
      }),
    ],
    ["one setting per claim", null],
  ])("know the caller by %s", async (_, claims) => {
    const rows = await kit.sql.begin(async (tx) => {
      await tx`set local role authenticated`;
      if (claims !== null) await tx`select set_config('request.jwt.claims', ${claims}, true)`;
      else {
        await tx`select set_config('request.jwt.claim.sub', '9e4d4c5a-0000-4000-8000-00000000ada0', true),
                        set_config('request.jwt.claim.role', 'authenticated', true),
                        set_config('request.jwt.claim.email', 'ada@example.com', true)`;
      }
      return tx`select auth.uid() as uid, auth.role() as role, auth.email() as email`;
    });
    expect(rows[0]).toEqual({
      uid: "9e4d4c5a-0000-4000-8000-00000000ada0",
      role: "authenticated",
      email: "ada@example.com",
    });
  });

  it("are nobody where no claims are set, or empty ones", async () => {
    const nobody = { uid: null, role: null, jwt: null };
    const [bare] = await kit.sql`select auth.uid() as uid, auth.role() as role, auth.jwt() as jwt`;
    expect(bare).toEqual(nobody);
    const [empty] = await kit.sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', '', true)`;
      return tx`select auth.uid() as uid, auth.role() as role, auth.jwt() as jwt`;
    });
    expect(empty).toEqual(nobody);
  });
});

describe("tables that migrations and dashboards look at", () => {
  const columns: [string, string][] = [
    [
      "users",
      "instance_id id aud role email encrypted_password email_confirmed_at invited_at confirmation_token confirmation_sent_at recovery_token recovery_sent_at email_change_token_new email_change email_change_sent_at last_sign_in_at raw_app_meta_data raw_user_meta_data is_super_admin created_at updated_at phone phone_confirmed_at phone_change phone_change_token phone_change_sent_at confirmed_at email_change_token_current email_change_confirm_status banned_until reauthentication_token reauthentication_sent_at is_sso_user deleted_at is_anonymous",
    ],
    [
      "identities",
      "provider_id user_id identity_data provider last_sign_in_at created_at updated_at email id",
    ],
    [
      "sessions",
      "id user_id created_at updated_at factor_id aal not_after refreshed_at user_agent ip tag oauth_client_id refresh_token_hmac_key refresh_token_counter scopes",
    ],
    ["refresh_tokens", "instance_id id token user_id revoked created_at updated_at parent session_id"],
    ["one_time_tokens", "id user_id token_type token_hash relates_to created_at updated_at"],
    [
      "mfa_factors",
      "id user_id friendly_name factor_type status created_at updated_at secret phone last_challenged_at web_authn_credential web_authn_aaguid last_webauthn_challenge_data",
    ],
    [
      "flow_state",
      "id user_id auth_code code_challenge_method code_challenge provider_type provider_access_token provider_refresh_token created_at updated_at authentication_method auth_code_issued_at invite_token referrer oauth_client_state_id linking_target_id email_optional",
    ],
    ["audit_log_entries", "instance_id id payload created_at ip_address"],
  ];
  it.each(columns)("%s has hosted's columns, in its order", async (table, names) => {
    const rows = await kit.sql<{ name: string }[]>`
      select attname as name from pg_attribute
      where attrelid = ${`auth.${table}`}::regclass and attnum > 0 and not attisdropped order by attnum`;
    expect(rows.map(({ name }) => name).join(" ")).toBe(names);
  });
});
