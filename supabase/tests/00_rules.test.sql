-- Rules that every table and function keeps, also those that do not exist yet.
begin;
\ir people.psql
select plan(20);

create temporary view tables as
  select c.oid, c.relname as name, n.nspname as schema, c.relrowsecurity as rls
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'private') and c.relkind in ('r', 'p');

create temporary view functions as
  select p.oid, p.oid::regprocedure::text as name, n.nspname as schema, p.prosecdef as definer, p.proconfig
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('public', 'private');

create temporary view api_roles as
  select unnest(array['anon', 'authenticated', 'service_role']) as role;

select is_empty(
  $$ select f.name, r.role from functions f, api_roles r
     where f.definer and f.schema <> 'private' and has_function_privilege(r.role, f.oid, 'execute') $$,
  'no API role may call a security definer function in an exposed schema'
);
select is_empty(
  $$ select name from functions where definer and schema <> 'private' $$,
  'security definer functions live in private alone'
);
select is_empty(
  $$ select name from functions where not coalesce('search_path=""' = any (proconfig), false) $$,
  'every function fixes an empty search path'
);
select is_empty(
  $$ select name from functions f where has_function_privilege('public', oid, 'execute') $$,
  'no function is executable by everybody'
);
select is_empty(
  $$ select f.name from functions f
     where schema = 'public' and has_function_privilege('authenticated', f.oid, 'execute')
       and obj_description(f.oid, 'pg_proc') is null $$,
  'every exposed function says what it does'
);
select is_empty(
  $$ select schema, name from tables where not rls $$,
  'every table has row-level security switched on'
);
select is_empty(
  $$ select t.name from tables t where schema = 'public' and not exists (
       select from pg_policy p where p.polrelid = t.oid and not p.polpermissive and p.polcmd = '*'
         and p.polroles = '{0}' and p.polname = t.name || '_live'
         and pg_get_expr(p.polqual, p.polrelid) like '%private.is_live()%' and p.polwithcheck is null
     ) $$,
  'every exposed table is closed to suspended accounts and ended sessions (restrictive, all commands, all roles)'
);
select is_empty(
  $$ select polrelid::regclass, polcmd from pg_policy, unnest(polroles) as role
     where polpermissive and polrelid in (select oid from tables)
     group by polrelid, polcmd, role having count(*) > 1 $$,
  'one permissive policy per table, command and role'
);
select is_empty(
  $$ select polrelid::regclass, polname from pg_policy p join tables t on t.oid = p.polrelid
     where polpermissive and polname <> t.name || '_' || case polcmd
       when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' end $$,
  'permissive policies are for one command and named after table and command'
);
select is_empty(
  $$ select polrelid::regclass, polname from pg_policy
     where polrelid in (select oid from tables) and polpermissive and 0 = any (polroles) $$,
  'permissive policies name the roles that they are for'
);
select is_empty(
  $$ select polrelid::regclass, polname from pg_policy
     where polcmd = 'r' and pg_get_expr(polqual, polrelid) like '%deleted_at%' $$,
  'select policies do not look at deleted_at, or nobody could delete softly'
);
select is_empty(
  $$ select polrelid::regclass, polname from pg_policy
     where polrelid in (select oid from tables)
       and concat(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
         ~ '(?<!SELECT )(auth\.(uid|jwt|role)|private\.\w+)\(' $$,
  'policies evaluate functions once per statement: (select f())'
);
select is_empty(
  $$ select conrelid::regclass, conname from pg_constraint
     where contype = 'f' and conrelid in (select oid from tables) and confdeltype = 'a' $$,
  'every foreign key says what happens on delete'
);
select is_empty(
  $$ select c.conrelid::regclass, c.conname from pg_constraint c
     where c.contype = 'f' and c.conrelid in (select oid from tables) and not exists (
       select from pg_index i where i.indrelid = c.conrelid
         and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey
         and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) like '%IS NOT NULL%')
     ) $$,
  'every foreign key has an index'
);
select is_empty(
  $$ select schema, name from tables where obj_description(oid, 'pg_class') is null $$,
  'every table says what it is for'
);
select is_empty(
  $$ select t.name from tables t where t.schema = 'private' and exists (
       select from api_roles r where has_table_privilege(r.role, t.oid, 'select, insert, update, delete, truncate')
     ) $$,
  'no API role has a right on a table in private'
);
select is_empty(
  $$ select t.name from tables t where has_table_privilege('anon', t.oid, 'select, insert, update, delete, truncate')
       or has_any_column_privilege('anon', t.oid, 'select, insert, update') $$,
  'a bare publishable key has no right on any table'
);
select is_empty(
  $$ select t.name from tables t
     where has_table_privilege('authenticated', t.oid, 'insert, update, delete, truncate, references, trigger') $$,
  'people insert and update by column and delete nothing'
);
select is_empty(
  $$ select t.name, a.attname from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0
     where not a.attisdropped and t.schema = 'public' and (
       a.attname in (
         'created_at', 'updated_at', 'version', 'completed_at', 'status', 'plan', 'role', 'tasks_total', 'tasks_done'
       ) and has_column_privilege('authenticated', t.oid, a.attnum, 'update')
         and not (a.attname = 'status' and t.name in ('goals', 'tasks'))
       or a.attname in ('owner_id', 'user_id', 'id') and has_column_privilege('authenticated', t.oid, a.attnum, 'update')
     ) $$,
  'no column that decides about rights, or that the database keeps, can be updated'
);
select is_empty(
  $$ select t.name from tables t join pg_attribute a on a.attrelid = t.oid and a.attname = 'version'
     where not exists (select from pg_trigger g where g.tgrelid = t.oid and g.tgname = 'raise_version') $$,
  'every table with a version has the trigger that raises it'
);

select * from finish();
rollback;
