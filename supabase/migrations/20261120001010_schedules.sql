-- Schedules: what the database does by the clock. One table says what and when; pg_cron runs it where there is
-- pg_cron, and a scheduler beside the database reads the same rows where there is none.

-- Of the hosted platform; a plain Postgres has neither.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['pg_cron', 'pg_net'] loop
    if exists (select from pg_available_extensions where name = wanted) then
      execute format('create extension if not exists %I', wanted);
    end if;
  end loop;
end;
$$;

create table private.schedules (
  name text not null,
  cron text not null,
  sql text not null,
  about text not null,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  last_due timestamptz,
  last_run timestamptz,
  last_error text,
  constraint schedules_pkey primary key (name),
  constraint schedules_name_format check (name ~ '^[a-z][a-z-]{0,39}$'),
  constraint schedules_cron_format check (
    cron ~ '^([1-9]|[1-5][0-9]) seconds$' or cron ~ '^[0-9*,/-]+( [0-9*,/-]+){4}$'
  )
);
alter table private.schedules enable row level security;
comment on table private.schedules is 'What runs by the clock, as postgres.';
comment on column private.schedules.cron is 'Minute, hour, day, month, weekday, in UTC; or `N seconds`.';
comment on column private.schedules.last_due is 'The latest moment that was seen to; the next one is later.';
comment on column private.schedules.last_error is 'SQLSTATE and words of the last run; null when it went well.';

-- Runs a schedule for a moment at which it was due, unless that was done: the row's lock lets one of two schedulers
-- through, and `last_due` turns the other away. A moment that nobody saw to is caught up once, however many there were.
-- Ended in the middle, nothing of it remains, and the moment is due again. A moment far ahead was written by a clock that
-- has been put right since: it silences nothing.
create function private.run_schedule(name text, due timestamptz default date_trunc('second', now())) returns boolean
  language plpgsql volatile set search_path = ''
as $$
declare
  statement text;
  failure text;
begin
  select s.sql into statement from private.schedules s
    where s.name = run_schedule.name and s.enabled
      and (s.last_due is null or s.last_due < due or s.last_due > now() + interval '1 hour')
    for no key update skip locked;
  if statement is null then
    return false;
  end if;
  begin
    execute statement;
  exception when others then
    -- Told in the row: a schedule that fails must not be tried again with each look at the clock.
    failure := left(sqlstate || ' ' || sqlerrm, 500);
  end;
  update private.schedules s set last_due = due, last_run = clock_timestamp(), last_error = failure
    where s.name = run_schedule.name;
  return true;
end;
$$;

-- Hands all schedules to pg_cron, where it exists, and takes back what is gone or switched off; says how many it handed
-- over, null where there is no pg_cron.
create function private.install_schedules() returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  schedule private.schedules;
  installed integer := 0;
  old text;
begin
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return null;
  end if;
  for old in execute 'select jobname from cron.job where jobname like ''trackit:%''' loop
    execute 'select cron.unschedule($1)' using old;
  end loop;
  for schedule in select * from private.schedules s where s.enabled loop
    execute 'select cron.schedule($1, $2, $3)' using 'trackit:' || schedule.name, schedule.cron,
      format('select private.run_schedule(%L)', schedule.name);
    installed := installed + 1;
  end loop;
  return installed;
end;
$$;

create function private.schedules_changed() returns trigger
  language plpgsql volatile set search_path = ''
as $$
begin
  perform private.install_schedules();
  return null;
end;
$$;

create trigger install after insert or delete or update of name, cron, enabled on private.schedules
  for each statement execute function private.schedules_changed();

-- A secret of this installation: from the vault where there is one, else from the settings.
create function private.secret(name text) returns text
  language plpgsql stable set search_path = ''
as $$
declare
  found text;
begin
  if to_regclass('vault.decrypted_secrets') is not null then
    execute 'select decrypted_secret from vault.decrypted_secrets where name = $1' into found using name;
  end if;
  return coalesce(found, private.setting(name) #>> '{}');
end;
$$;

insert into private.settings (name, value, about) values
  ('worker_url', 'null', 'Address of the worker function, for pg_net; better kept in the vault under this name.'),
  ('worker_key', 'null', 'A secret key with which to call it; better kept in the vault under this name.');

-- Whether anything is due on a queue: the end of an index says it, however much waits for later.
create function private.work_is_due() returns boolean
  language sql stable set search_path = ''
  return coalesce(
    least((select min(vt) from pgmq.q_jobs), (select min(vt) from pgmq.q_mail), (select min(vt) from pgmq.q_files))
      <= clock_timestamp(),
    false
  );

-- Calls the worker when there is something to do, and says whether it did: by pg_net; where there is none, by telling
-- whoever listens on `worker`, such as a scheduler beside the database. The call does not wait for the work.
create function private.call_worker() returns boolean
  language plpgsql volatile set search_path = ''
as $$
declare
  url constant text := private.secret('worker_url');
  key constant text := private.secret('worker_key');
begin
  if not private.work_is_due() then
    return false;
  end if;
  if to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)') is null then
    perform pg_notify('worker', '');
    return true;
  end if;
  if url is null or key is null then
    raise exception 'the worker cannot be called: worker_url or worker_key is not set, want both in the vault or in private.settings';
  end if;
  execute 'select net.http_post(url := $1, body := ''{}'', headers := $2, timeout_milliseconds := 5000)'
    using url, jsonb_build_object('content-type', 'application/json', 'apikey', key);
  return true;
end;
$$;

insert into private.schedules (name, cron, sql, about) values
  ('worker', '10 seconds', 'select private.call_worker()', 'Has what is due on the queues done.');
