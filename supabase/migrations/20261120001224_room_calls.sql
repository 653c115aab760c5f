-- Calls that change a room, each one transaction: entries of the log, the commit that goes with them, all or nothing.

-- The next epoch, with a wrap for each device of its list. `room` is locked by the caller and its heads were compared;
-- `stood` is the place of its last log row before this call.
create function private.add_commit(room public.rooms, bytes bytea, wraps bytea[], stood bigint) returns public.rooms
  language plpgsql volatile set search_path = ''
as $$
declare
  stored public.room_epochs;
begin
  perform private.require_open(room);
  perform private.check_commit(room, bytes);
  -- A member could take an old place for a cut, and undo what others have signed since (docs/protocol.md §14.5).
  if private.number_at(bytes, 138, 8) < stood then
    perform private.fail(
      'TK601', 'CONFLICT_STALE_HEADS', 'the commit has not seen the last row of the room''s log', 'commit',
      private.number_at(bytes, 138, 8)::text, format('a place from %s on', stood)
    );
  end if;
  insert into public.room_epochs (room_id, epoch, room_seq, committer, device_id, hash, commit)
  values (
    room.id, room.epoch + 1, room.last_seq + 1, auth.uid(), private.uuid_at(bytes, 195),
    private.tagged_hash('commit', substring(bytes from 1 for octet_length(bytes) - 64)), bytes
  )
  returning * into stored;
  perform private.add_wraps(room.id, stored.epoch, bytes, wraps);
  update public.rooms r set
    epoch = stored.epoch, last_seq = stored.room_seq, rekey_required = false,
    transcript = private.next_transcript(r.transcript, stored.hash)
  where r.id = room.id
  returning * into room;
  perform private.tell_room(
    room, 'room_epochs', private.row_told(stored.room_seq, 'commit', stored.committer, stored.created_at, stored.commit)
  );
  return room;
end;
$$;

create function private.check_commit(room public.rooms, bytes bytea) returns void
  language plpgsql stable set search_path = ''
as $$
declare
  length constant integer := octet_length(bytes);
begin
  if length is null or length not between 453 and 4352317 or get_byte(bytes, 0) <> 1 or get_byte(bytes, 1) < 1
    or private.uuid_at(bytes, 2) <> room.id or length <> 317 + 136 * private.number_at(bytes, 251, 2)
    or get_byte(bytes, 178) not between 1 and 6
  then
    perform private.refuse_bytes('commit', 'a commit of version 1 of this room, of its exact length');
  end if;
  if private.number_at(bytes, 18, 8) <> room.epoch + 1 then
    perform private.fail(
      'TK602', 'CONFLICT_EPOCH', format('the next epoch is %s', room.epoch + 1), 'commit',
      private.number_at(bytes, 18, 8)::text, 'one above the room''s epoch'
    );
  end if;
  if private.uuid_at(bytes, 179) is distinct from auth.uid() or not private.is_own_device(private.uuid_at(bytes, 195)) then
    perform private.fail('TK604', 'ACCESS_DENIED', 'a commit is signed by a device of its own committer', 'commit');
  end if;
  if private.bytes_at(bytes, 26, 32) <> private.zeros(32) and not exists (
    select from public.room_epochs e where e.room_id = room.id and e.hash = private.bytes_at(bytes, 26, 32)
  ) then
    perform private.refuse_bytes('commit', 'prev is the hash of a commit of this room');
  end if;
end;
$$;

-- Stores the wraps of a commit, in the order of its rows that name a device: each fits its row, and each row names a
-- device of its user. Not more is asked: a device or member that a void row has revoked or removed here is still in the
-- list of every valid commit, and the room would have no next epoch.
create function private.add_wraps(room uuid, number bigint, bytes bytea, wraps bytea[]) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  stored integer;
  wanted integer;
begin
  with list as (
    select encode(substring(bytes from 254 + 136 * k for 16), 'hex')::uuid as user_id,
      encode(substring(bytes from 310 + 136 * k for 16), 'hex')::uuid as device_id,
      substring(bytes from 358 + 136 * k for 32) as wrap_hash, k
    from generate_series(0, private.number_at(bytes, 251, 2)::integer - 1) as k
  ), addressed as (
    select l.*, row_number() over (order by l.k) as place from list l
    where l.device_id <> '00000000-0000-0000-0000-000000000000'
  ), fitting as (
    insert into public.epoch_recipients (room_id, epoch, user_id, device_id, wrap)
    select room, number, a.user_id, a.device_id, wraps[a.place]
    from addressed a
    where sha256(wraps[a.place]) = a.wrap_hash and octet_length(wraps[a.place]) = 384 and exists (
      select from public.devices d where d.user_id = a.user_id and d.id = a.device_id and d.kind <> 'recovery'
    )
    on conflict on constraint epoch_recipients_pkey do nothing
    returning 1
  )
  select (select count(*) from fitting), (select count(*) from addressed) into stored, wanted;
  if stored <> wanted or wanted <> cardinality(wraps) then
    perform private.refuse_bytes('wraps', 'one of 384 bytes for each row that names a device of its user, with its hash');
  end if;
end;
$$;

-- Readers keep each state of the log that the next commit may name: entries without one have an end. Leaving is always
-- possible.
create function private.require_few_entries(room public.rooms) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if (
    select count(*) from public.room_log l
    where l.room_id = room.id and l.room_seq > coalesce((
      select e.room_seq from public.room_epochs e where e.room_id = room.id and e.epoch = room.epoch
    ), 0)
  ) > 500 then
    perform private.fail(
      'TK605', 'LIMIT_SIZE', '500 entries stand after the last commit', 'entries', null, 'entries with a commit'
    );
  end if;
end;
$$;

-- Entries and a commit, {entries, commit, wraps, seen}, on a locked room, with whom they bring in held before.
create function private.make_change(room public.rooms, change jsonb) returns public.rooms
  language plpgsql volatile set search_path = ''
as $$
declare
  -- The entry that a room begins with is of the same call as its first commit.
  stood constant bigint := case when room.epoch > 0 then (
    select max(l.room_seq) from public.room_log l where l.room_id = room.id
  ) else 0 end;
  entry bytea;
begin
  if change ->> 'commit' is not null then
    perform private.require_heads(room, change -> 'seen');
  end if;
  foreach entry in array private.bytes_list(change -> 'entries', 'entries', 100, 2048) loop
    room := private.add_room_entry(room, entry);
    if change ->> 'commit' is null and get_byte(entry, 57) <> 6 then
      perform private.require_few_entries(room);
    end if;
  end loop;
  if change ->> 'commit' is not null then
    room := private.add_commit(
      room, private.from_base64url(change ->> 'commit', 'commit', 4352317),
      private.bytes_list(change -> 'wraps', 'wraps', 32000, 384), stood
    );
  end if;
  return room;
end;
$$;

-- Whether the caller has made this change before: its commit, or else its last entry, is there as theirs.
create function private.is_made(room uuid, change jsonb) returns boolean
  language plpgsql stable set search_path = ''
as $$
declare
  last_commit constant bytea := private.from_base64url(change ->> 'commit', 'commit', 4352317);
  last_entry constant bytea := private.from_base64url(change -> 'entries' ->> -1, 'entries', 2048);
begin
  if last_commit is not null then
    return octet_length(last_commit) >= 453 and exists (
      select from public.room_epochs e
      where e.room_id = room and e.epoch = private.number_at(last_commit, 18, 8) and e.committer = auth.uid()
        and e.commit = last_commit
    );
  end if;
  return octet_length(last_entry) >= 234 and exists (
    select from public.room_log l
    where l.room_id = room and l.seq = private.number_at(last_entry, 17, 8) and l.author = auth.uid()
      and l.entry = last_entry
  );
end;
$$;

-- Entries with the commit that they need, or a commit alone. Void rows burn numbers, so both are limited per member.
create function private.change_room_by(room uuid, change jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.rooms;
begin
  perform private.require_live();
  if jsonb_typeof(change) is distinct from 'object' or change ->> 'commit' is null and change -> 'entries' ->> 0 is null then
    perform private.refuse_bytes('change', 'entries, a commit, or both');
  end if;
  -- Whoever has left, or was put out, by the call that is repeated: the answer is the same, and says nothing.
  if private.is_made(room, change) then
    return (select private.heads_of(r) from public.rooms r where r.id = room);
  end if;
  perform private.rate_limit(format('change_room %s', room), 300, interval '1 hour');
  perform private.hold_people('{}', change);
  locked := private.lock_room(room);
  -- Asked again: the same call may have been made while this one waited.
  if not private.is_made(room, change) then
    locked := private.make_change(locked, change);
  end if;
  return private.heads_of(locked);
end;
$$;

create function public.change_room(room uuid, change jsonb) returns jsonb
  language sql volatile set search_path = ''
  return private.change_room_by(room, change);
comment on function public.change_room(uuid, jsonb) is
  'Adds {entries, commit, wraps, seen: {log, devices, seq?}} in one transaction; gives where the room stands. Safe to repeat.';

-- The id that a room has to have by its first entry (docs/protocol.md §11.2); null for a group, whose maker chooses.
create function private.room_id_of(entry bytea) returns uuid
  language plpgsql immutable strict set search_path = ''
as $$
declare
  maker constant bytea := private.bytes_at(entry, 58, 16) || private.bytes_at(entry, 74, 32);
  peer constant bytea := private.bytes_at(entry, 174, 48);
begin
  return case get_byte(entry, 170)
    when 2 then private.uuid_at(private.tagged_hash('direct-room', least(maker, peer) || greatest(maker, peer)), 0)
    when 3 then private.uuid_at(private.tagged_hash('self-room', maker), 0)
  end;
end;
$$;

-- Whether a group may have this id. Those of direct and self rooms are hashes of who is in them: whoever knows two people
-- could otherwise ask for a group of that id, and be told that it is taken. One hash in 100,000 looks like such a UUID.
create function private.is_group_id(room uuid) returns boolean
  language plpgsql stable strict set search_path = ''
as $$
declare
  bytes constant bytea := private.uuid_bytes(room);
begin
  return get_byte(bytes, 6) / 16 = 7 and get_byte(bytes, 8) / 64 = 2
    and private.number_at(bytes, 0, 6) between 1735689600000 /* 2025 */ and 1000 * extract(epoch from now() + interval '1 day');
end;
$$;

-- A first entry: its form, its author and the room's id.
create function private.check_create(entry bytea) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if octet_length(entry) is distinct from 326 or get_byte(entry, 0) <> 1 or get_byte(entry, 57) <> 1
    or private.number_at(entry, 17, 8) <> 1 or private.bytes_at(entry, 25, 32) <> private.zeros(32)
    or get_byte(entry, 170) not between 1 and 3 or get_byte(entry, 171) <> 1 or get_byte(entry, 172) <> 1
    or get_byte(entry, 173) > (get_byte(entry, 170) = 1)::integer
    or (get_byte(entry, 170) <> 2) <> (private.bytes_at(entry, 174, 88) = private.zeros(88))
  then
    perform private.refuse_bytes('entry', 'a first entry: create, version 1, protocol 1, suite 1');
  end if;
  if private.uuid_at(entry, 58) is distinct from auth.uid() or not private.is_own_device(private.uuid_at(entry, 106))
    or not exists (
      select from public.identities i
      where i.user_id = auth.uid() and i.root = private.bytes_at(entry, 74, 32) and i.retired_at is null
    )
  then
    perform private.fail('TK604', 'ACCESS_DENIED', 'an entry is signed by a device of its own author', 'entry');
  end if;
  if get_byte(entry, 170) = 1 and private.is_group_id(private.uuid_at(entry, 1)) is not true then
    perform private.refuse_bytes('entry', 'the id of a group is a UUID of version 7, made lately');
  end if;
  -- A group with the id of an account would give its members that account's own live topic.
  if private.room_id_of(entry) <> private.uuid_at(entry, 1) or private.uuid_at(entry, 174) = auth.uid()
    or exists (select from public.profiles p where p.id = private.uuid_at(entry, 1))
  then
    perform private.refuse_bytes('entry', 'the id of a direct or self room follows from its members, docs/protocol.md §11.2');
  end if;
end;
$$;

-- Makes a room from its first entry, with its first commit. Made twice with the same entry, it is one room; a direct
-- room that the other side was quicker with is answered with TK005.
create function private.create_room(entry_text text, change jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  entry constant bytea := private.from_base64url(entry_text, 'entry', 2048);
  made public.rooms;
begin
  perform private.require_live();
  perform private.rate_limit('create_room', 200, interval '1 hour');
  perform private.hold_people(
    array[auth.uid(), case when octet_length(entry) = 326 then private.uuid_at(entry, 174) end], change
  );
  perform private.check_create(entry);
  if change ->> 'commit' is null then
    perform private.refuse_bytes('change', 'the room''s first commit');
  end if;
  perform private.make_way(private.uuid_at(entry, 1), private.room_id_of(entry));
  insert into public.rooms (id, kind, protocol, minimum_suite, history, transcript)
  values (
    private.uuid_at(entry, 1), (array['group', 'direct', 'self'])[get_byte(entry, 170)], 1, 1,
    case get_byte(entry, 173) when 1 then 'shared' else 'none' end,
    private.tagged_hash('transcript-start', private.bytes_at(entry, 1, 16))
  )
  on conflict on constraint rooms_pkey do nothing
  returning * into made;
  if made.id is null then
    return private.room_again(private.uuid_at(entry, 1), entry);
  end if;
  perform private.first_members(made, entry);
  made := private.store_room_entry(made, auth.uid(), 1::smallint, entry);
  return private.heads_of(private.make_change(made, change));
end;
$$;

create function private.first_members(room public.rooms, entry bytea) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  insert into public.room_members (room_id, user_id, root, role, since)
  values (room.id, auth.uid(), private.bytes_at(entry, 74, 32), case room.kind when 'direct' then 1 else 3 end, 1);
  if room.kind = 'direct' then
    perform private.require_reachable(private.uuid_at(entry, 174), private.bytes_at(entry, 190, 32));
    insert into public.room_members (room_id, user_id, root, role, since)
    values (room.id, private.uuid_at(entry, 174), private.bytes_at(entry, 190, 32), 1, 1);
  end if;
end;
$$;

-- A group that sits on the id of a direct or self room was put there on purpose, since that id is a hash of who is in it:
-- it makes way. Nothing else is ever taken from a log.
create function private.make_way(wanted uuid, proven uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform 1 from public.rooms r where r.id = wanted and wanted = proven and r.kind = 'group' for update;
  if not found then
    return;
  end if;
  update public.room_members m set left_at = now() where m.room_id = wanted and m.left_at is null;
  delete from public.messages where room_id = wanted;
  delete from public.epoch_recipients where room_id = wanted;
  delete from public.room_epochs where room_id = wanted;
  delete from public.room_log where room_id = wanted;
  delete from public.room_grants where room_id = wanted;
  delete from public.room_invites where room_id = wanted;
  delete from public.join_requests where room_id = wanted;
  delete from public.read_marks where room_id = wanted;
  delete from public.room_members where room_id = wanted;
  delete from public.rooms where id = wanted;
end;
$$;

-- A room that is there already: the caller's own call, repeated, or one that somebody else was quicker with.
create function private.room_again(room uuid, entry bytea) returns jsonb
  language plpgsql stable set search_path = ''
as $$
begin
  if not exists (
    select from public.room_log l
    where l.room_id = room and l.seq = 1 and l.author = auth.uid() and l.entry = room_again.entry
  ) then
    perform private.fail('TK005', 'CONFLICT_ID', format('room %s is there already', room), 'entry', room::text);
  end if;
  return (select private.heads_of(r) from public.rooms r where r.id = room);
end;
$$;

create function public.create_room(entry text, change jsonb) returns jsonb
  language sql volatile set search_path = ''
  return private.create_room(entry, change);
comment on function public.create_room(text, jsonb) is
  'Makes a room from a signed create entry and {commit, wraps, seen}; gives where it stands. Safe to repeat.';

grant execute on function
  private.create_room(text, jsonb), public.create_room(text, jsonb),
  private.change_room_by(uuid, jsonb), public.change_room(uuid, jsonb)
  to authenticated;
-- Not granted to anyone: any other function of this file. To anon: nothing.
