-- Live rooms: `room:<id>:<rev>`, on which the database tells each row to the room's members, and `live:<id>:<rev>` for
-- what is not kept (typing, presence). Like a user's topic a room's moves when somebody must stop listening: the old one
-- hears `moved` and nothing more, and members hear on their own topics that the room has changed.

-- Whether the caller may listen to a topic: their own, or that of a room they are in, in its present revision. No room
-- has the id of an account (check_create), so that `live:` is never both.
create or replace function private.may_hear(topic text) returns boolean
  language plpgsql stable security definer set search_path = ''
as $$
declare
  asked constant private.topic := private.parse_topic(topic);
begin
  return asked.kind in ('user', 'live') and exists (
    select from private.user_topics t
    where t.user_id = auth.uid() and t.user_id = asked.id and t.rev = asked.rev
  ) or asked.kind in ('room', 'live') and exists (
    select from public.rooms r join public.room_members m on m.room_id = r.id
    where r.id = asked.id and r.topic_rev = asked.rev and m.user_id = auth.uid() and m.left_at is null
  );
end;
$$;

-- Tells a room's members of rows, one by one. A row that no broadcast can carry (a commit for thousands of devices) is told
-- without its bytes, and read. Telling may fail without failing what was done: a head check finds the rows.
-- message path 6: told by the database
create function private.tell_room(room public.rooms, table_name text, variadic told jsonb[]) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  topic constant text := format('room:%s:%s', room.id, room.topic_rev);
begin
  perform realtime.send(
    jsonb_build_object('v', 1, 'table', table_name, 'op', 'insert', 'seq', row -> 'seq', 'row', row),
    table_name || '.insert', topic, true
  )
  from (
    select case when octet_length(t ->> 'bytes') > 131072 then t - 'bytes' else t end as row from unnest(told) as t
  ) as r;
exception when others then
  raise warning 'rows were not told in room %: % %', room.id, sqlstate, sqlerrm;
end;
$$;

create function private.move_room_topic() returns trigger
  language plpgsql volatile set search_path = ''
as $$
begin
  begin
    perform realtime.send(
      jsonb_build_object('v', 1, 'rev', new.topic_rev, 'seq', new.last_seq), 'moved',
      format('room:%s:%s', old.id, old.topic_rev), true
    );
  exception when others then
    raise warning 'room % has moved and was not told so: % %', old.id, sqlstate, sqlerrm;
  end;
  insert into private.changes (user_id, table_name, operation, row_ids)
  select m.user_id, 'rooms', 'update', array[new.id]
  from public.room_members m where m.room_id = new.id and m.left_at is null;
  return null;
end;
$$;
create trigger move_topic after update of topic_rev on public.rooms
  for each row when (old.topic_rev <> new.topic_rev)
  execute function private.move_room_topic();

-- A room that was deleted leaves its members' lists, and comes back with its owner's next entry.
create function private.note_room_deleted() returns trigger
  language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.changes (user_id, table_name, operation, row_ids)
  select m.user_id, 'rooms', 'update', array[new.id]
  from public.room_members m where m.room_id = new.id and m.left_at is null;
  return null;
end;
$$;
create trigger note_deleted after update of deleted_at on public.rooms
  for each row when (old.deleted_at is distinct from new.deleted_at)
  execute function private.note_room_deleted();

-- Whoever comes into a room, gets another role, or is in it no more, hears of it on their own topic.
create function private.note_membership() returns trigger
  language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.changes (user_id, table_name, operation, row_ids)
  values (new.user_id, 'rooms', case tg_op when 'INSERT' then 'insert' else 'update' end, array[new.room_id]);
  return null;
end;
$$;
create trigger note_joined after insert on public.room_members
  for each row execute function private.note_membership();
create trigger note_changed after update of left_at, role on public.room_members
  for each row when (old.left_at is distinct from new.left_at or old.role <> new.role)
  execute function private.note_membership();

-- In every room of somebody: their device log has grown, a commit is due, or those who listen must join anew. Rooms in one
-- order, and locked before they are written, against deadlocks with others who do the same.
create function private.stir_rooms(who uuid, rekey boolean, moves boolean) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  stirred uuid[];
begin
  stirred := array(
    select r.id from public.rooms r
    where r.id in (select m.room_id from public.room_members m where m.user_id = who and m.left_at is null)
    order by r.id for no key update
  );
  update public.rooms r
  set rekey_required = r.rekey_required or rekey, topic_rev = r.topic_rev + moves::integer, devices_rev = r.devices_rev + 1
  where r.id = any (stirred);
end;
$$;

-- A suspension or ban silences the room topics that are open as well.
create function private.silence_rooms() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- A room that they are just brought into is waited for: hold_people().
  perform pg_advisory_xact_lock(hashtextextended('identities:' || new.id, 0));
  perform private.stir_rooms(new.id, rekey => false, moves => true);
  return null;
end;
$$;
create trigger silence_rooms after update of banned_until on auth.users
  for each row when (new.banned_until is distinct from old.banned_until and new.banned_until is not null)
  execute function private.silence_rooms();
-- Not granted to anyone: any of these functions but may_hear() and may_speak(), as before.
