-- Roles, schemas and rights of an empty database, as a hosted Supabase project has them.
-- Run once by the superuser supabase_admin, before any migration. The passwords of the login roles
-- are set afterwards from the data directory's keys.

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;

create role supabase_auth_admin login noinherit createrole;
create role supabase_storage_admin login noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
grant anon, authenticated, service_role to supabase_storage_admin;

-- The project's own role: it may do all that a migration needs and is no superuser.
create role postgres login createdb createrole replication bypassrls;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend, pg_create_subscription to postgres;
-- Membership lets it put policies, triggers and foreign keys on the services' tables; it has no CREATE
-- on their schemas, so nothing of its own can live there.
grant supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin to postgres;

alter database postgres owner to postgres;
alter schema public owner to postgres;
revoke all on schema public from public;
grant usage on schema public to postgres, anon, authenticated, service_role;
grant all on schema public to postgres;

create schema extensions;
grant usage on schema extensions to postgres, anon, authenticated, service_role,
  supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists unaccent with schema extensions;

-- CREATE is taken back from each service's admin once its own bootstrap file has run (see seal.sql).
create schema auth;
grant usage, create on schema auth to supabase_auth_admin;
create schema storage;
grant usage, create on schema storage to supabase_storage_admin;
grant usage on schema storage to postgres, anon, authenticated, service_role;
create schema realtime;
grant usage, create on schema realtime to supabase_realtime_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role;

create extension if not exists pgmq;
grant usage on schema pgmq to postgres, service_role;
grant execute on all functions in schema pgmq to postgres, service_role;
grant select, insert, update, delete on all tables in schema pgmq to postgres;
grant usage, select on all sequences in schema pgmq to postgres;
grant create on schema pgmq to postgres;

-- A function is callable by everyone unless this is taken back; new hosted projects grant nothing in public.
alter default privileges for role postgres in schema public revoke execute on functions from public;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

alter role postgres set search_path = "$user", public, extensions;
alter role supabase_auth_admin set search_path = auth, extensions;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
alter role supabase_storage_admin set search_path = storage, extensions;
alter role authenticator set search_path = public, extensions;
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
