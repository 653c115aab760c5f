-- A small database with one of everything that REST must carry exactly. Made by `postgres`, as migrations are.
create type public.mood as enum ('calm', 'keen');
create domain public.plain_line as text check (value !~ '[\r\n]');

create table public.rooms (
  id int primary key,
  name text not null
);

create table public.notes (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid(),
  room_id int references public.rooms (id) on delete cascade,
  title public.plain_line not null unique,
  mood public.mood,
  rank smallint not null default 0,
  big bigint,
  price numeric(20, 8),
  ratio double precision,
  raw bytea,
  tags text[] not null default '{}',
  custom jsonb not null default '{}',
  doc json,
  on_day date,
  at_time time,
  local_at timestamp,
  seen_at timestamptz,
  took interval,
  span int4range,
  done boolean,
  search tsvector generated always as (to_tsvector('simple', title)) stored
);

alter table public.rooms enable row level security;
alter table public.notes enable row level security;
create policy rooms_select on public.rooms for select to authenticated using (true);
create policy notes_select on public.notes for select to authenticated
  using (owner_id = (select auth.uid()));
create policy notes_insert on public.notes for insert to authenticated
  with check (owner_id = (select auth.uid()));
create policy notes_update on public.notes for update to authenticated
  using (owner_id = (select auth.uid()));
create policy notes_delete on public.notes for delete to authenticated
  using (owner_id = (select auth.uid()));
grant select on public.rooms to authenticated;
grant select, insert, update, delete on public.notes to authenticated;
grant all on public.rooms, public.notes to service_role;

create view public.calm_notes with (security_invoker = true) as
  select id, title, rank from public.notes where mood = 'calm';
grant select on public.calm_notes to authenticated;

insert into public.rooms values (1, 'kitchen'), (2, 'attic');

-- Not exposed, and one of its tables has an exposed table's name.
create schema hidden;
create table hidden.notes (id int, secret text);
create table hidden.vault (id int, secret text);
insert into hidden.notes values (1, 'never shown');
insert into hidden.vault values (1, 'never shown');
grant usage on schema hidden to authenticated, service_role;
grant select on hidden.notes, hidden.vault to authenticated, service_role;

create function public.whoami() returns jsonb language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'user', current_user,
    'uid', auth.uid(),
    'claims', current_setting('request.jwt.claims', true)::jsonb,
    'method', current_setting('request.method', true),
    'path', current_setting('request.path', true),
    'header', current_setting('request.headers', true)::jsonb ->> 'x-test',
    'cookie', current_setting('request.cookies', true)::jsonb ->> 'taste')
$$;
create function public.echo_json(value jsonb) returns jsonb language sql immutable as $$ select value $$;
create function public.add(a int, b int default 10) returns int language sql immutable as $$ select a + b $$;
create function public.numbers(n int) returns setof int language sql immutable as $$
  select generate_series(1, n) $$;
create function public.first_room() returns public.rooms language sql stable as $$
  select * from public.rooms order by id limit 1 $$;
create function public.all_rooms() returns setof public.rooms language sql stable as $$
  select * from public.rooms order by id $$;
create function public.same_names(r int, a int) returns int language sql immutable as $$ select r - a $$;
create function public.rows_of_names(r int, id int) returns setof public.rooms language sql stable as $$
  select rooms.* from public.rooms where rooms.id >= r order by 1 limit rows_of_names.id $$;
create function public.many_rooms() returns setof public.rooms language sql stable as $$
  select n, 'room' from generate_series(1, 1200) n $$;
create function public.pairs() returns table (kind text, used bigint) language sql stable as $$
  values ('goals', 9007199254740993), ('tasks', 2) $$;
create function public.nothing() returns void language sql as $$ select 1 $$;
create function public.fail(state text, message text, detail text default null, hint text default null)
returns void language plpgsql as $$
begin
  raise exception using errcode = state, message = message, detail = coalesce(detail, ''), hint = coalesce(hint, '');
end
$$;
create function public.shaped() returns text language plpgsql as $$
begin
  perform set_config('response.status', '418', true);
  perform set_config('response.headers', '[{"X-Pot": "tea"}]', true);
  return 'short and stout';
end
$$;
create function public.write_note(title text) returns void language sql as $$
  insert into public.notes (title) values (title) $$;
-- What a careless or hostile function could try.
create function public.step_back() returns text language plpgsql as $$
begin
  execute 'reset role';
  return current_user;
end
$$;
create function public.step_back_and_read() returns bigint language plpgsql as $$
begin
  execute 'reset role';
  return (select count(*) from public.notes);
end
$$;
create function public.leave_settings() returns void language plpgsql as $$
begin
  perform set_config('request.jwt.claims', '{"sub":"00000000-0000-4000-8000-00000000000e"}', false);
  perform set_config('search_path', 'hidden', false);
  perform set_config('role', 'service_role', false);
end
$$;
create function public.sleep(seconds double precision) returns void language sql as $$
  select pg_sleep(seconds) $$;
grant execute on all functions in schema public to anon, authenticated, service_role;
