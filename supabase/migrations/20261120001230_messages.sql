-- Messages: what devices have sealed and signed, in one order per room. They enter by send_messages() alone, which holds
-- the room's lock while it gives numbers, so that numbers have no gaps and the transcript runs through every row. The
-- database never reads a body, and never changes one: it may only be taken away, after its author's own signed delete.

create table public.messages (
  room_id uuid not null,
  id uuid not null,
  seq bigint not null,
  epoch bigint not null,
  class smallint not null,
  sender_id uuid not null,
  device_id uuid not null,
  device_seq bigint not null,
  hash bytea not null,
  body_hash bytea not null,
  header bytea not null,
  body bytea,
  signature bytea not null,
  received_at timestamptz not null default clock_timestamp(),
  constraint messages_pkey primary key (room_id, id),
  -- Says how much is unread without reading the messages themselves.
  constraint messages_seq_key unique (room_id, seq) include (class, sender_id),
  constraint messages_device_seq_key unique (room_id, device_id, device_seq),
  constraint messages_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict,
  constraint messages_class_known check (class in (1, 2)),
  constraint messages_header_length check (octet_length(header) = 219),
  constraint messages_body_length check (octet_length(body) between 328 and 65536),
  constraint messages_signature_length check (octet_length(signature) = 64)
) partition by hash (room_id);

-- Partitions lie outside of the API, or each would be a table of its own there.
do $$
declare
  part text;
begin
  for k in 0 .. 15 loop
    part := format('private.messages_%s', k);
    execute format(
      'create table %s partition of public.messages for values with (modulus 16, remainder %s)', part, k
    );
    execute format('alter table %s enable row level security', part);
    -- Ciphertext does not compress.
    execute format('alter table %s alter column body set storage external', part);
    execute format('comment on table %s is %L', part, 'A sixteenth of public.messages, by room.');
  end loop;
end;
$$;

alter table public.messages enable row level security;

comment on table public.messages is 'Sealed and signed messages; columns repeat what the header says, for order and access.';
comment on column public.messages.seq is 'Place among all rows of the room: entries, commits, messages.';
comment on column public.messages.class is '1 content, 2 control; what it is exactly is inside.';
comment on column public.messages.body is 'Null once it was taken away: header, hash and signature stay and still verify.';
comment on column public.messages.hash is 'Computed: SHA-256 under its tag of header and body hash.';
comment on column public.messages.received_at is 'When the database took it: not when it was written, which the header says.';

create policy messages_live on public.messages as restrictive for all to public using ((select private.is_live()));

-- Members read a room's messages for as long as they are in it.
create policy messages_select on public.messages for select to authenticated
  using (room_id = any ((select private.my_rooms())::uuid[]));

grant select on public.messages to authenticated, service_role;

-- A message as it came, or what is left of it.
create function private.message_bytes(message public.messages) returns bytea
  language plpgsql immutable set search_path = ''
as $$
begin
  return case when message.body is null then message.header || message.body_hash || message.signature
    else message.header || int4send(octet_length(message.body)) || message.body || message.signature end;
end;
$$;

create function private.message_row(message public.messages) returns jsonb
  language plpgsql stable set search_path = ''
as $$
begin
  return private.row_told(
    message.seq, case when message.body is null then 'tombstone' else 'message' end, message.sender_id,
    message.received_at, private.message_bytes(message)
  );
end;
$$;
grant execute on function private.message_bytes(public.messages), private.message_row(public.messages)
  to authenticated, service_role;

-- A message taken apart; its columns are what its header says.
create function private.message_of(room uuid, bytes bytea) returns public.messages
  language plpgsql stable set search_path = ''
as $$
declare
  body_length constant bigint := case when octet_length(bytes) >= 615 then private.number_at(bytes, 219, 4) end;
  message public.messages;
begin
  if body_length is null or octet_length(bytes) <> 287 + body_length or body_length not between 328 and 65536
    or get_byte(bytes, 0) <> 1 or get_byte(bytes, 1) < 1 or get_byte(bytes, 2) not between 1 and 2
    or private.uuid_at(bytes, 3) <> room
  then
    perform private.refuse_bytes(
      'messages', 'messages of version 1 of this room, of their exact lengths, with 328 to 65,536 bytes of body'
    );
  end if;
  message.room_id := room;
  message.id := private.uuid_at(bytes, 83);
  message.epoch := private.number_at(bytes, 19, 8);
  message.class := get_byte(bytes, 2);
  message.sender_id := auth.uid();
  message.device_id := private.uuid_at(bytes, 59);
  message.device_seq := private.number_at(bytes, 75, 8);
  message.header := substring(bytes from 1 for 219);
  message.body := substring(bytes from 224 for body_length::integer);
  message.signature := substring(bytes from 224 + body_length::integer);
  message.body_hash := sha256(message.body);
  message.hash := private.tagged_hash('message', message.header || message.body_hash);
  return message;
end;
$$;

-- Refuses a message that may not be the room's next row.
create function private.check_message(room public.rooms, message public.messages) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if message.epoch <> room.epoch then
    perform private.fail(
      'TK602', 'CONFLICT_EPOCH', format('the room is in epoch %s', room.epoch), 'messages', message.id::text,
      'a message of the room''s epoch'
    );
  end if;
  if not private.is_own_device(message.device_id) then
    perform private.fail(
      'TK604', 'ACCESS_DENIED', 'a message is signed by a device of its own sender', 'messages', message.id::text
    );
  end if;
end;
$$;

-- Stores the next rows of a locked room.
create function private.store_messages(next public.messages[]) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  insert into public.messages select * from unnest(next);
exception when unique_violation then
  -- Ids were looked up and places are the room's own: what is taken is a device's number.
  perform private.fail(
    'TK603', 'CONFLICT_DEVICE_SEQ', 'this device has sent another message under one of these numbers', 'messages',
    next[1].id::text, 'numbers that this device has not used in this room'
  );
end;
$$;

-- Messages on a locked room, in the order given: for an id that is there already, the row that is stored under it, which
-- has to be the same. The room's own row is written once. Its plan is kept for the session: else Postgres would plan anew
-- each time, for the one partition that the room is in.
create function private.add_messages(inout room public.rooms, sealed bytea[], out stored jsonb)
  language plpgsql volatile set search_path = '' set timezone = 'UTC' set plan_cache_mode = force_generic_plan
as $$
declare
  bytes bytea;
  message public.messages;
  given public.messages[] := '{}';
  ids uuid[] := '{}';
  there public.messages[];
  next public.messages[] := '{}';
  told jsonb[] := '{}';
  place integer;
  device uuid;
begin
  stored := '[]';
  foreach bytes in array sealed loop
    message := private.message_of(room.id, bytes);
    given := given || message;
    ids := ids || message.id;
  end loop;
  there := array(select m from public.messages m where m.room_id = room.id and m.id = any (ids));
  ids := '{}';
  if cardinality(there) > 0 then
    ids := array(select t.id from unnest(there) as t);
  end if;
  foreach message in array given loop
    place := array_position(ids, message.id);
    if place is null then
      -- Whose device it is was asked for the one before.
      if message.epoch <> room.epoch or message.device_id is distinct from device then
        perform private.check_message(room, message);
        device := message.device_id;
      end if;
      room.last_seq := room.last_seq + 1;
      room.transcript := private.next_transcript(room.transcript, message.hash);
      message.seq := room.last_seq;
      message.received_at := clock_timestamp();
      room.active_at := case message.class when 1 then message.received_at else room.active_at end;
      next := next || message;
      told := told || private.message_row(message);
      there := there || message;
      ids := ids || message.id;
    elsif there[place].hash <> message.hash then
      perform private.fail(
        'TK005', 'CONFLICT_ID', 'another message has this id', 'messages', message.id::text, 'an id of its own'
      );
    else
      message := there[place];
    end if;
    stored := stored || jsonb_build_object('id', message.id, 'seq', message.seq, 'at', message.received_at);
  end loop;
  if cardinality(next) > 0 then
    perform private.store_messages(next);
    update public.rooms r set last_seq = room.last_seq, transcript = room.transcript, active_at = room.active_at
    where r.id = room.id;
    perform private.tell_room(room, 'messages', variadic told);
  end if;
end;
$$;

-- Whether a room's history goes on from a place that somebody has verified: T of it, carried on over the rows since, is
-- the room's. Whoever has missed more than 50 reads them first. Its plan is kept as that of add_messages() is.
create function private.goes_on_from(room public.rooms, place bigint, transcript bytea) returns boolean
  language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  reached bytea := transcript;
  row_hash bytea;
begin
  if place is null or transcript is null or place not between room.last_seq - 50 and room.last_seq then
    return false;
  end if;
  for row_hash in
    select r.hash from (
      select l.room_seq as at, l.hash from public.room_log l where l.room_id = room.id and l.room_seq > place
      union all
      select e.room_seq, e.hash from public.room_epochs e where e.room_id = room.id and e.room_seq > place
      union all
      select m.seq, m.hash from public.messages m where m.room_id = room.id and m.seq > place
    ) r order by r.at
  loop
    reached := private.next_transcript(reached, row_hash);
  end loop;
  return reached = room.transcript;
end;
$$;

-- What a sender has to read first, as heads() tells it; null where the locked room is what it takes it for: the same
-- members with the same device logs and, where it names a place, a history that goes on from there.
create function private.news_for(room public.rooms, seen jsonb) returns jsonb
  language plpgsql stable set search_path = ''
as $$
declare
  place constant bigint := seen ->> 'seq';
  transcript constant bytea := private.from_base64url(seen ->> 'transcript', 'seen', 32);
begin
  if seen ->> 'stamp' = private.stamp_of(room) and (
    place is null or place = room.last_seq and transcript = room.transcript
    or place <> room.last_seq and private.goes_on_from(room, place, transcript)
  ) then
    return null;
  end if;
  return private.heads(array[room.id], jsonb_build_object(room.id, seen ->> 'stamp')) -> 0;
end;
$$;

-- Up to 50 messages in one transaction, before them what is due: {entries, commit, wraps, seen}. Whoever has compared
-- heads lately names what they have seen, {stamp, seq, transcript}, and is answered with what is new where it is another:
-- then nothing was stored. So nothing is taken for members or devices of yesterday, and no call has to go before this one.
-- message path 5: admitted in its order
create function private.send_messages(room uuid, batch jsonb, due jsonb, seen jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  sealed constant bytea[] := private.bytes_list(batch, 'messages', 50, 65823);
  change constant jsonb := nullif(due, 'null');
  locked public.rooms;
  stale jsonb;
  sent record;
begin
  perform private.require_live();
  if cardinality(sealed) = 0 then
    perform private.refuse_bytes('messages', 'a list of 1 to 50');
  end if;
  if change is not null then
    perform private.rate_limit(format('change_room %s', room), 300, interval '1 hour');
    perform private.hold_people('{}', change);
  elsif random() < 0.05 then
    -- One call in twenty is counted: the count is a lock between everything that one user sends at once.
    perform private.rate_limit('send_messages', 5000, interval '1 hour');
  end if;
  locked := private.lock_room(room);
  perform private.require_open(locked);
  if nullif(seen, 'null') is not null then
    stale := private.news_for(locked, seen);
    if stale is not null then
      return jsonb_build_object('stale', stale);
    end if;
  end if;
  if change is not null and not private.is_made(room, change) then
    locked := private.make_change(locked, change);
  end if;
  sent := private.add_messages(locked, sealed);
  return jsonb_build_object('room', private.heads_of(sent.room), 'messages', sent.stored);
end;
$$;

create function public.send_messages(room uuid, messages jsonb, due jsonb default null, seen jsonb default null) returns jsonb
  language sql volatile set search_path = ''
  return private.send_messages(room, messages, due, seen);
comment on function public.send_messages(uuid, jsonb, jsonb, jsonb) is
  'Stores up to 50 sealed messages, after a commit that is due: {room, messages: [{id, seq, at}]}; {stale: as heads()} where the room is not as seen = {stamp, seq?, transcript?} says. Safe to repeat.';

-- Takes bodies of the caller's own messages away, once their delete has been sent: what it means, the signed delete says,
-- and without one readers call them withheld.
create function private.withdraw_messages(room uuid, ids uuid[]) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.rooms;
  gone integer;
begin
  perform private.require_live();
  locked := private.lock_room(room);
  if cardinality(ids) > 50 then
    perform private.refuse_bytes('ids', 'a list of at most 50');
  end if;
  update public.messages m set body = null
  where m.room_id = room and m.id = any (ids) and m.sender_id = auth.uid() and m.body is not null and m.class = 1
    and m.seq < (
      -- That delete is one of the room's last rows: the search for it has an end.
      select max(c.seq) from public.messages c
      where c.room_id = room and c.seq > locked.last_seq - 10000 and c.sender_id = auth.uid() and c.class = 2
    );
  get diagnostics gone = row_count;
  return gone;
end;
$$;

create function public.withdraw_messages(room uuid, ids uuid[]) returns integer
  language sql volatile set search_path = ''
  return private.withdraw_messages(room, ids);
comment on function public.withdraw_messages(uuid, uuid[]) is
  'Takes bodies of the caller''s own messages away, after a later control message of theirs. How many it were.';

grant execute on function
  private.send_messages(uuid, jsonb, jsonb, jsonb), public.send_messages(uuid, jsonb, jsonb, jsonb),
  private.withdraw_messages(uuid, uuid[]), public.withdraw_messages(uuid, uuid[])
  to authenticated;
-- Not granted to anyone: any other write to messages. To anon: nothing.
