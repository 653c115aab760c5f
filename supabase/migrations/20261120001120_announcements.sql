-- Announcements: each change of a row is told to the devices of whoever may see it, once, when it is committed.
--
-- Triggers note which rows a statement touched. When the transaction commits, and not before, the notes of each user
-- become events with the next numbers and are told. So numbers follow the order of commits, a row that was touched
-- several times is told once and as it ended, and the lock on a user's counter is the last that a transaction takes
-- and the first that it gives up: taken with the statement, it would be waited for by whoever holds what the next
-- statement needs.

-- Notes of transactions under way: there is never one to be seen from outside. Unlogged, since none outlives a crash.
create unlogged table private.changes (
  place bigint not null generated always as identity,
  transaction xid8 not null default pg_current_xact_id(),
  user_id uuid not null,
  table_name text,
  operation text not null,
  row_ids uuid[],
  constraint changes_pkey primary key (transaction, place),
  constraint changes_operation_known check (operation in ('insert', 'update', 'delete', 'moved'))
);

alter table private.changes enable row level security;

comment on table private.changes is 'What transactions under way have to tell, gone when they end.';
comment on column private.changes.table_name is 'Null on a note that the user''s topic moves.';
comment on column private.changes.row_ids is 'Null for more rows of one statement than are told one by one.';

-- Up to 50 rows of a statement, which is as many as a device sends at once, are told one by one. More are told as
-- `many`, and devices read the table anew: an import of 10,000 rows is no 10,000 messages.
create function private.few(ids uuid[]) returns uuid[]
  language plpgsql immutable set search_path = ''
as $$
begin
  return case when cardinality(ids) <= 50 then ids end;
end;
$$;

-- Notes what a statement did to rows of public.goals or public.tasks. A row that changed hands is told to both: who
-- may not see it any more hears that it is gone.
create function private.note_owned() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into private.changes (user_id, table_name, operation, row_ids)
    select owner_id, tg_table_name, 'insert', private.few(array_agg(id)) from added group by owner_id;
  elsif tg_op = 'DELETE' then
    insert into private.changes (user_id, table_name, operation, row_ids)
    select owner_id, tg_table_name, 'delete', private.few(array_agg(id)) from removed group by owner_id;
  else
    insert into private.changes (user_id, table_name, operation, row_ids)
    select owner_id, tg_table_name, 'update', private.few(array_agg(id))
    from (select owner_id, id from removed union select owner_id, id from added) touched
    group by owner_id;
  end if;
  return null;
end;
$$;

-- Triggers run in the order of their names: these come first, so that a cause is told before its effects.
create trigger announce_insert after insert on public.goals
  referencing new table as added
  for each statement execute function private.note_owned();

create trigger announce_update after update on public.goals
  referencing old table as removed new table as added
  for each statement execute function private.note_owned();

create trigger announce_delete after delete on public.goals
  referencing old table as removed
  for each statement execute function private.note_owned();

create trigger announce_insert after insert on public.tasks
  referencing new table as added
  for each statement execute function private.note_owned();

create trigger announce_update after update on public.tasks
  referencing old table as removed new table as added
  for each statement execute function private.note_owned();

create trigger announce_delete after delete on public.tasks
  referencing old table as removed
  for each statement execute function private.note_owned();

-- Lines of the feed of activities come and go, and are never edited.
create function private.note_activities() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into private.changes (user_id, table_name, operation, row_ids)
    select user_id, 'activities', 'insert', private.few(array_agg(id)) from added group by user_id;
  else
    insert into private.changes (user_id, table_name, operation, row_ids)
    select user_id, 'activities', 'delete', private.few(array_agg(id)) from removed group by user_id;
  end if;
  return null;
end;
$$;

create trigger announce_insert after insert on public.activities
  referencing new table as added
  for each statement execute function private.note_activities();

create trigger announce_delete after delete on public.activities
  referencing old table as removed
  for each statement execute function private.note_activities();

-- A profile's own devices. Nobody listens yet when it is made, nor any more when it is erased.
create function private.note_profile() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into private.changes (user_id, table_name, operation, row_ids)
  values (new.id, 'profiles', 'update', array[new.id]);
  return null;
end;
$$;

create trigger announce_update after update on public.profiles
  for each row when (old.* is distinct from new.*)
  execute function private.note_profile();

-- A ban silences open channels: Auth's own, and the one that follows a suspension.
create function private.note_ban() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into private.changes (user_id, operation) values (new.id, 'moved');
  return null;
end;
$$;

create trigger note_ban after update of banned_until on auth.users
  for each row when (new.banned_until is distinct from old.banned_until and new.banned_until is not null)
  execute function private.note_ban();

-- However a session ends (signed out, revoked, by a new password), its open channel hears no more from then on.
create function private.note_ended_sessions() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into private.changes (user_id, operation) select distinct user_id, 'moved' from removed;
  return null;
end;
$$;

create trigger note_ended_sessions after delete on auth.sessions
  referencing old table as removed
  for each statement execute function private.note_ended_sessions();

-- Tells one event on a topic, to whoever has joined it.
create function private.announce(topic text, event jsonb) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform realtime.send(event, (event ->> 'table') || '.' || (event ->> 'op'), topic, true);
end;
$$;
comment on function private.announce(text, jsonb) is 'Sends {v, table, op, row, n} as the event <table>.<op> when the transaction commits.';

-- A user's notes as events: each row once, in the order in which it was first touched; a table of which too many rows
-- were touched, as one.
create function private.events_from(notes private.changes[], listener uuid) returns setof private.user_feed
  language plpgsql stable set search_path = ''
as $$
begin
  return query
    with touched as (
      select c.table_name, c.operation, c.place, i.row_id, i.at,
        bool_or(c.row_ids is null) over (partition by c.table_name) as many
      from unnest(notes) as c left join lateral unnest(c.row_ids) with ordinality as i (row_id, at) on true
      where c.user_id = listener and c.table_name is not null
    ),
    told as (
      select c.table_name, case when c.many then null else c.row_id end as row_id, min(c.place) as place, min(c.at) as at,
        case
          when bool_or(c.many) then 'many'
          when bool_or(c.operation = 'delete') then 'delete'
          when bool_or(c.operation = 'insert') then 'insert'
          else 'update'
        end as operation
      from touched c group by 1, 2
    )
    select listener, row_number() over (order by t.place, t.at), t.table_name, t.operation, t.row_id, now() from told t;
end;
$$;

-- Numbers a user's events, keeps them in the feed, and tells them. The feed is the promise and must be written; the
-- telling is not, and may fail without failing what was done: Realtime may be away. Times are written in UTC, whatever
-- zone the caller reads in.
create function private.tell(listener uuid, moves boolean, events private.user_feed[]) returns void
  language plpgsql volatile set search_path = '' set timezone = 'UTC'
as $$
declare
  topics private.user_topics;
  numbered private.user_feed[];
  topic text;
begin
  update private.user_topics t
  set rev = t.rev + moves::integer, last_n = t.last_n + cardinality(events)
  where t.user_id = listener
  returning * into topics;
  if not found then
    -- The account is being erased, and its feed with it.
    return;
  end if;
  with written as (
    insert into private.user_feed as f
    select e.user_id, topics.last_n - cardinality(events) + e.n, e.table_name, e.operation, e.row_id, e.at
    from unnest(events) as e
    returning f
  )
  select array_agg(w.f order by (w.f).n) into numbered from written w;
  topic := private.user_topic(listener, topics.rev);
  begin
    if moves then
      perform realtime.send(
        jsonb_build_object('v', 1, 'rev', topics.rev, 'n', topics.last_n), 'moved',
        private.user_topic(listener, topics.rev - 1), true
      );
    end if;
    for i in 1 .. coalesce(cardinality(numbered), 0) loop
      perform private.announce(topic, private.event_of(numbered[i]));
    end loop;
  exception when others then
    raise warning 'what changed was not told on %: % %', topic, sqlstate, sqlerrm;
  end;
end;
$$;

-- At the end of a transaction: all of its notes at once, with the first of them; the others find nothing left. Users in
-- one order, against deadlocks. The notes are found by index even where the table looks empty: what was deleted
-- lies there until it is vacuumed, and a plan that was made before would read through it with each commit.
create function private.tell_changes() returns trigger
  language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
as $$
declare
  notes private.changes[];
  listener record;
begin
  with gone as (
    delete from private.changes c where c.transaction = pg_current_xact_id() returning c
  )
  select array_agg(g.c) into notes from gone g;
  if notes is null then
    return null;
  end if;
  for listener in
    -- Each with their own notes: looked for among all of them, a room of thousands would cost the square of it.
    select c.user_id, bool_or(c.operation = 'moved') as moves, array_agg(c) as own
    from unnest(notes) as c group by c.user_id order by c.user_id
  loop
    perform private.tell(
      listener.user_id, listener.moves,
      array(select e from private.events_from(listener.own, listener.user_id) as e order by e.n)
    );
  end loop;
  return null;
end;
$$;

create constraint trigger tell after insert on private.changes
  deferrable initially deferred
  for each row execute function private.tell_changes();
-- Not granted to anyone: private.changes, and calling any of these functions.
