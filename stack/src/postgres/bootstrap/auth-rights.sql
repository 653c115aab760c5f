-- Schema auth: what a policy may ask of the caller, and who may touch what. After all of its tables.

set role supabase_auth_admin;

-- The caller, as REST has put it into the transaction: one setting per claim (older releases, many tests), else
-- the whole claim set. Plain SQL without settings of its own, so that the planner can inline it into policies.
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
comment on function auth.uid() is 'The caller''s user id; null for a bare key.';

create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )::text
$$;
comment on function auth.role() is 'Deprecated. Write the role into the policy (to authenticated) instead.';

create function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )::text
$$;
comment on function auth.email() is 'Deprecated. Use auth.jwt() ->> ''email'' instead.';

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
comment on function auth.jwt() is 'The caller''s whole claim set; null outside of a request.';

-- RLS without policies: a table that a mistaken grant opens still shows nothing. The owner is not bound by it.
do $$
declare t text;
begin
  foreach t in array array[
    'schema_migrations', 'instances', 'users', 'identities', 'sessions', 'refresh_tokens', 'mfa_factors',
    'mfa_challenges', 'mfa_amr_claims', 'one_time_tokens', 'flow_state', 'audit_log_entries', 'sso_providers',
    'sso_domains', 'saml_providers', 'saml_relay_states'
  ] loop
    execute format('alter table auth.%I enable row level security', t);
  end loop;
end $$;

-- API roles reach the four functions and no table. `postgres` reads and maintains, as on hosted.
grant usage on schema auth to anon, authenticated, service_role, postgres;
grant all on all tables in schema auth to postgres;
grant all on all sequences in schema auth to postgres;
revoke all on auth.schema_migrations from postgres;
grant select on auth.schema_migrations to postgres with grant option;

reset role;

-- Policies, triggers and foreign keys need ownership, hence the membership. CREATE is taken from the owner, so
-- that nothing (table, function, index) can be added to the schema by either role.
grant supabase_auth_admin to postgres;
revoke create on schema auth from supabase_auth_admin, postgres;
