-- The last bootstrap file: from here on nobody but the superuser makes tables, functions or indexes in the
-- services' schemas. The project's role keeps its membership, which policies, triggers and foreign keys need.
revoke create on schema auth from supabase_auth_admin;
revoke create on schema storage from supabase_storage_admin;
revoke create on schema realtime from supabase_realtime_admin;
