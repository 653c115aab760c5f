-- Entries of a room's log: whose they may be (docs/protocol.md §11.5) and what they do to who is in the room.
--
-- The database cannot tell a void entry, and lets it have its effect on access, which is no more than its author could
-- have signed. Where its state and the log part for that reason, the people who may put it right must be able to: so an
-- entry is refused for lack of a right and never for lack of a target, and one without a target has no effect.

-- A member's place, also that of an erased one which nobody has evicted yet; null for anybody else.
create function private.standing(room uuid, who uuid) returns public.room_members
  language plpgsql stable set search_path = ''
as $$
declare
  found_member public.room_members;
begin
  select m.* into found_member from public.room_members m
  where m.room_id = room and m.user_id = who and (m.left_at is null or m.erased);
  return found_member;
end;
$$;

-- Whether a member may make this entry.
create function private.may_enter(room public.rooms, actor public.room_members, op integer, entry bytea) returns boolean
  language plpgsql stable set search_path = ''
as $$
declare
  named constant uuid := case when op in (2, 3, 4) then private.uuid_at(entry, 170) end;
  is_other constant boolean := named <> actor.user_id;
  is_below constant boolean := coalesce((private.standing(room.id, named)).role, 0) < actor.role;
  given constant integer := case when op = 2 then get_byte(entry, 258) when op in (4, 5) then get_byte(entry, 186) end;
begin
  if actor.user_id is null or actor.left_at is not null or actor.root <> private.bytes_at(entry, 74, 32)
    or room.deleted_at is not null and actor.role < 3
  then
    return false;
  end if;
  return case
    when op = 10 then room.kind = 'direct' or actor.role = 3
    when room.kind = 'direct' then false
    when op = 8 then actor.role >= 2
    when op = 9 then actor.role = 3
    when room.kind = 'self' then false
    when op = 2 then actor.role >= 2 and given between 1 and actor.role - 1 and is_other and is_below
    when op = 3 then is_other and is_below
    when op = 4 then actor.role = 3 and is_other and given between 1 and 3
    when op = 5 then actor.role >= 2 and (private.number_at(entry, 187, 2) = 0 or given between 1 and actor.role - 1)
    when op in (6, 7) then true
    else false
  end;
end;
$$;

-- An entry's form, its place in the log, and its author.
create function private.check_room_entry(room public.rooms, bytes bytea) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if octet_length(bytes) is null or octet_length(bytes) not between 234 and 2048 or get_byte(bytes, 0) <> 1
    or private.uuid_at(bytes, 1) <> room.id
    or octet_length(bytes) - 234 is distinct from (case get_byte(bytes, 57)
      when 2 then 105 when 3 then 16 when 4 then 17 when 5 then 59 when 6 then 0 when 7 then 16
      when 8 then case when octet_length(bytes) >= 276 then 42 + private.number_at(bytes, 210, 2) end
      when 9 then 0 when 10 then 2
    end)
  then
    perform private.refuse_bytes('entries', 'an entry of version 1 of this room, of its exact length');
  end if;
  if private.uuid_at(bytes, 58) is distinct from auth.uid() or not private.is_own_device(private.uuid_at(bytes, 106)) then
    perform private.fail('TK604', 'ACCESS_DENIED', 'an entry is signed by a device of its own author', 'entries');
  end if;
  if private.number_at(bytes, 17, 8) <> room.log_rows + 1 then
    perform private.fail(
      'TK601', 'CONFLICT_STALE_HEADS', format('the next entry of this log is number %s', room.log_rows + 1), 'entries',
      private.number_at(bytes, 17, 8)::text, 'one above the rows that the log has'
    );
  end if;
  if private.bytes_at(bytes, 25, 32) <> private.zeros(32) and not exists (
    select from public.room_log l where l.room_id = room.id and l.hash = private.bytes_at(bytes, 25, 32)
  ) then
    perform private.refuse_bytes('entries', 'prev is the hash of an entry of this log');
  end if;
end;
$$;

-- One signed entry: checked, applied, numbered, stored and told. `room` is locked by the caller.
create function private.add_room_entry(room public.rooms, bytes bytea) returns public.rooms
  language plpgsql volatile set search_path = ''
as $$
declare
  actor public.room_members;
  op smallint;
begin
  perform private.check_room_entry(room, bytes);
  op := get_byte(bytes, 57);
  actor := private.standing(room.id, auth.uid());
  if private.may_enter(room, actor, op, bytes) is not true then
    perform private.fail(
      'TK604', 'ACCESS_DENIED', format('operation %s is not the author''s in this room', op), 'entries', op::text,
      'the table of rights, docs/protocol.md §11.5'
    );
  end if;
  -- Told before it has its effect: whoever it puts out hears it, and nothing after it.
  room := private.store_room_entry(room, auth.uid(), op, bytes);
  perform private.apply_room_entry(room, actor, op, bytes);
  update public.rooms r set
    rekey_required = r.rekey_required or op in (2, 3, 6, 7),
    -- A delete may have been void. Whose it is shows so by going on; if it was not, what follows is void.
    deleted_at = case when op = 9 then now() when room.deleted_at is null then r.deleted_at end
  where r.id = room.id
  returning * into room;
  return room;
end;
$$;

-- Gives an entry its numbers, for the log and in the room, and tells it.
create function private.store_room_entry(room public.rooms, by_whom uuid, op smallint, bytes bytea) returns public.rooms
  language plpgsql volatile set search_path = ''
as $$
declare
  stored public.room_log;
begin
  insert into public.room_log (room_id, seq, room_seq, op, author, hash, entry)
  values (
    room.id, room.log_rows + 1, room.last_seq + 1, op, by_whom,
    private.tagged_hash('room-entry', substring(bytes from 1 for octet_length(bytes) - 64)), bytes
  )
  returning * into stored;
  update public.rooms r set
    log_rows = stored.seq, last_seq = stored.room_seq, transcript = private.next_transcript(r.transcript, stored.hash)
  where r.id = room.id
  returning * into room;
  perform private.tell_room(
    room, 'room_log', private.row_told(stored.room_seq, 'entry', stored.author, stored.created_at, stored.entry)
  );
  return room;
end;
$$;

-- What an entry does, once it is stored.
create function private.apply_room_entry(room public.rooms, actor public.room_members, op smallint, entry bytea) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  case op
    when 2 then
      perform private.admit(
        room, private.uuid_at(entry, 170), private.bytes_at(entry, 186, 32), get_byte(entry, 258), private.uuid_at(entry, 259)
      );
    when 3 then perform private.end_membership(room.id, private.uuid_at(entry, 170));
    when 4 then perform private.give_role(room.id, actor.user_id, private.uuid_at(entry, 170), get_byte(entry, 186));
    when 5 then perform private.note_invite(room.id, entry);
    when 6 then perform private.end_membership(room.id, actor.user_id);
    when 7 then
      -- The server's own knowledge decides: nobody is put out by being called erased.
      if (private.standing(room.id, private.uuid_at(entry, 170))).erased then
        perform private.end_membership(room.id, private.uuid_at(entry, 170));
      end if;
    else null;
  end case;
end;
$$;

-- Lets somebody in, or another identity of a member; who is in already by this identity stays as they are.
create function private.admit(room public.rooms, who uuid, their_root bytea, given integer, invite uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform private.require_reachable(who, their_root);
  if (select count(*) from public.room_members m where m.room_id = room.id and m.left_at is null) >= 1000 then
    perform private.fail('TK605', 'LIMIT_SIZE', 'a room has at most 1,000 members', 'entries', null, 'at most 1,000');
  end if;
  insert into public.room_members as m (room_id, user_id, root, role, since)
  values (room.id, who, their_root, given, room.log_rows)
  on conflict on constraint room_members_pkey do update
    set root = excluded.root, role = excluded.role, since = excluded.since, joined_at = now(), left_at = null, erased = false
    where m.left_at is not null or m.root <> excluded.root;
  update public.room_invites v set used = v.used + 1 where v.room_id = room.id and v.id = invite;
  delete from public.join_requests j where j.room_id = room.id and j.user_id = who;
end;
$$;

-- There is one owner: whoever makes another one is an admin from then on.
create function private.give_role(room uuid, giver uuid, who uuid, given integer) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  update public.room_members m set role = given where m.room_id = room and m.user_id = who and m.left_at is null;
  if found and given = 3 then
    update public.room_members m set role = 2 where m.room_id = room and m.user_id = giver;
  end if;
end;
$$;

-- Somebody is in a room no more. An owner's place goes to the admin who is there for longest, else to the member who is;
-- with nobody left the room counts as deleted (docs/protocol.md §11.5.2).
create function private.end_membership(room uuid, who uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  was constant public.room_members := private.standing(room, who);
begin
  update public.room_members m set left_at = coalesce(m.left_at, now()), erased = false, role = 1
  where m.room_id = room and m.user_id = was.user_id;
  if was.left_at is null then
    update public.rooms r set topic_rev = r.topic_rev + 1 where r.id = room and was.user_id is not null;
  end if;
  if was.role = 3 then
    update public.room_members m set role = 3 where m.room_id = room and m.user_id = (
      select c.user_id from public.room_members c
      where c.room_id = room and c.left_at is null
      order by c.role desc, c.since limit 1
    );
  end if;
  perform private.close_empty(room);
end;
$$;

create function private.close_empty(room uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  update public.rooms r set deleted_at = coalesce(r.deleted_at, now())
  where r.id = room and not exists (
    select from public.room_members m where m.room_id = room and m.left_at is null
  );
end;
$$;
-- Not granted to anyone: any of these functions.
