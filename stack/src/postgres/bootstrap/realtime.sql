-- Schema realtime: the rows that broadcasts from the database are, and what policies on private channels look at.
--
-- Names, columns and signatures are those of hosted Supabase, so that a migration which puts policies on
-- realtime.messages, or calls realtime.send() in a trigger, runs there as it runs here. Left out are the tables and
-- functions that only the hosted server's own way of reading changes needs (realtime.subscription, apply_rls …).
-- Run by supabase_admin once, after auth.sql.

-- Realtime logs in with a password that lives as long as the stack's process; it is no superuser.
alter role supabase_realtime_admin replication;
grant anon, authenticated, service_role to supabase_realtime_admin;
grant usage on schema realtime to supabase_realtime_admin;

-- Whether a token's session still is, and its user may act. Auth's tables are closed to everybody else by policies,
-- hence a definer; only Realtime may call it. Compared as text: a claim that is no uuid finds nothing.
create function realtime.is_live(session_id text, user_id text) returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from auth.sessions s join auth.users u on u.id = s.user_id
    where s.id::text = $1 and u.id::text = $2 and u.deleted_at is null
      and (u.banned_until is null or u.banned_until <= now())
  )
$$;
revoke all on function realtime.is_live(text, text) from public;
grant execute on function realtime.is_live(text, text) to supabase_realtime_admin;

set role supabase_realtime_admin;

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp without time zone not null default now(),
  inserted_at timestamp without time zone not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  broadcasted_at timestamp without time zone,
  -- Of what a client had stored: it was broadcast as it came, and until when it is replayed.
  skip_broadcast boolean not null default false,
  expires_at timestamp without time zone,
  constraint messages_pkey primary key (id, inserted_at)
) partition by range (inserted_at);
comment on table realtime.messages is
  'Each row inserted is broadcast to its topic. Policies on it say who may read and write private channels.';

-- Replay: the newest rows of a topic.
create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;

alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;

-- The topic that is being asked about; policies call it.
create function realtime.topic() returns text
language sql
stable
as $$ select nullif(current_setting('realtime.topic', true), '')::text $$;

-- Sends a message to a topic when the transaction commits. The caller's own rights and policies hold; a message that
-- cannot be sent is a warning and never fails what its sender was about.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql
as $$
declare
  message_id uuid := gen_random_uuid();
begin
  begin
    perform set_config('realtime.topic', topic, true);
    -- Objects carry the id of their message unless they have one of their own.
    if jsonb_typeof(payload) = 'object' and not payload ? 'id' then
      payload := payload || jsonb_build_object('id', message_id);
    end if;
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (message_id, payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
  end;
end
$$;

-- The same for bytes.
create function realtime.send_binary(payload bytea, event text, topic text, private boolean default true)
returns void
language plpgsql
as $$
begin
  begin
    perform set_config('realtime.topic', topic, true);
    insert into realtime.messages (binary_payload, event, topic, private, extension)
    values (payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
  end;
end
$$;

-- For a row trigger: sends what changed.
create function realtime.broadcast_changes(
  topic_name text,
  event_name text,
  operation text,
  table_name text,
  table_schema text,
  new record,
  old record,
  level text default 'ROW'
) returns void
language plpgsql
as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', old, 'record', new, 'operation', operation, 'table', table_name, 'schema', table_schema
    ),
    event_name,
    topic_name
  );
end
$$;

-- Makes the partitions of the days around today, and drops those that are older than 72 hours.
create function realtime.keep_partitions() returns void
language plpgsql
set search_path = ''
as $$
declare
  day date;
  partition text;
begin
  for day in select generate_series(current_date - 1, current_date + 3, interval '1 day')::date loop
    partition := 'messages_' || to_char(day, 'YYYY_MM_DD');
    continue when to_regclass('realtime.' || partition) is not null;
    execute format(
      'create table realtime.%I partition of realtime.messages for values from (%L) to (%L)',
      partition, day, day + 1
    );
    execute format('alter table realtime.%I enable row level security', partition);
    execute format('alter table realtime.%I owner to supabase_realtime_admin', partition);
  end loop;
  for partition in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'realtime.messages'::regclass
      and c.relname ~ '^messages_\d{4}_\d\d_\d\d$'
      and to_date(substr(c.relname, 10), 'YYYY_MM_DD') < current_date - 3
  loop
    execute format('drop table if exists realtime.%I', partition);
  end loop;
end
$$;
revoke all on function realtime.keep_partitions() from public;

select realtime.keep_partitions();

reset role;

-- What Realtime reads of the WAL besides the project's own publication supabase_realtime: new messages, by whichever
-- partition, and the ends of sessions and users, without anything that is secret.
create publication supabase_realtime_messages_publication
  for table realtime.messages with (publish = 'insert', publish_via_partition_root = true);
create publication supabase_realtime_sessions_publication
  for table auth.sessions (id), auth.users (id, banned_until, deleted_at) with (publish = 'update, delete');
