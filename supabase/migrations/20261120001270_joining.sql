-- Coming into a room from outside: grants of what was said before, and requests by those who followed a link.

-- Secrets of older epochs for a device of a member, its user's own ones included: exact length, by a member's device.
create function private.post_grant(grant_text text) returns uuid
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  sealed constant bytea := private.from_base64url(grant_text, 'grant', 65536);
  room public.rooms;
  made uuid;
begin
  perform private.require_live();
  perform private.rate_limit('post_grant', 2000, interval '1 hour');
  if octet_length(sealed) is null or octet_length(sealed) < 742 or get_byte(sealed, 0) <> 1 or get_byte(sealed, 1) < 1
    or octet_length(sealed) <> 630 + private.number_at(sealed, 562, 4)
    or private.number_at(sealed, 154, 8) not between 1 and private.number_at(sealed, 162, 8)
  then
    perform private.refuse_bytes('grant', 'a grant of version 1, of its exact length');
  end if;
  if private.uuid_at(sealed, 18) is distinct from auth.uid() or not private.is_own_device(private.uuid_at(sealed, 34)) then
    perform private.fail('TK604', 'ACCESS_DENIED', 'a grant is signed by a device of its own grantor', 'grant');
  end if;
  -- Locked, so that the recipient is not erased beside it and leaves the grant behind.
  room := private.lock_room(private.uuid_at(sealed, 2));
  perform private.check_recipient(
    room, private.uuid_at(sealed, 90), private.uuid_at(sealed, 106), private.number_at(sealed, 162, 8)
  );
  insert into public.room_grants as g (room_id, grantor, recipient, device_id, first_epoch, last_epoch, sealed)
  values (
    room.id, auth.uid(), private.uuid_at(sealed, 90), private.uuid_at(sealed, 106),
    private.number_at(sealed, 154, 8), private.number_at(sealed, 162, 8), sealed
  )
  on conflict on constraint room_grants_key do update set sealed = excluded.sealed, created_at = clock_timestamp()
  returning g.id into made;
  insert into private.changes (user_id, table_name, operation, row_ids)
  values (private.uuid_at(sealed, 90), 'room_grants', 'insert', array[made]);
  return made;
end;
$$;

-- Who may be granted what: a member's present device, a member's own in any room and others' where history is shared.
create function private.check_recipient(room public.rooms, who uuid, device uuid, last_epoch bigint) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if last_epoch > room.epoch or not exists (
    select from public.room_members m join public.devices d on d.user_id = m.user_id and d.root = m.root
    where m.room_id = room.id and m.user_id = who and m.left_at is null and d.id = device and d.revoked_seq is null
      and (room.history = 'shared' or who = auth.uid())
  ) then
    perform private.fail('TK606', 'USAGE_REFERENCE', 'no device that may be granted these epochs of the room', 'grant');
  end if;
  if (
    select count(*) from public.room_grants g where g.room_id = room.id and g.device_id = device and g.grantor = auth.uid()
  ) >= 64 then
    perform private.fail(
      'TK605', 'LIMIT_SIZE', 'this device has not taken the grants that are there yet', 'grant', null, 'at most 64'
    );
  end if;
end;
$$;

create function public.my_grants(device uuid, "limit" integer default 50) returns jsonb
  language sql stable set search_path = ''
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', g.id, 'room', g.room_id, 'by', g.grantor, 'first', g.first_epoch, 'last', g.last_epoch,
      'sealed', private.to_base64url(g.sealed)
    ) order by g.created_at, g.id), '[]')
    from (
      select * from public.room_grants r
      where r.recipient = (select auth.uid()) and r.device_id = device
      order by r.created_at, r.id limit least(greatest(coalesce("limit", 50), 1), 200)
    ) g
  );

-- Takes grants away that a device has opened and sealed for itself.
create function private.drop_grants(ids uuid[]) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  gone integer;
begin
  perform private.require_live();
  delete from public.room_grants g where g.id = any (ids) and g.recipient = auth.uid();
  get diagnostics gone = row_count;
  return gone;
end;
$$;

-- Keeps an entry `invite` of the log. A second one of the same id withdraws it.
create function private.note_invite(room uuid, entry bytea) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  wanted constant uuid := private.uuid_at(entry, 170);
  allowed constant integer := private.number_at(entry, 187, 2);
  expiry constant bigint := private.number_at(entry, 189, 8);
begin
  if allowed > 0 and (select count(*) from public.room_invites v where v.room_id = room and v.used < v.uses) >= 100 then
    perform private.fail(
      'TK605', 'LIMIT_SIZE', 'a room has at most 100 invites that are not used up or withdrawn', 'entries', null, 'at most 100'
    );
  end if;
  insert into public.room_invites as v (room_id, id, role, uses, expires_at)
  values (
    room, wanted, get_byte(entry, 186), allowed,
    -- The year 9999; a clock of the inviter's, which only hides the invite and voids nothing.
    to_timestamp(least(expiry, 253402300799000) / 1000.0)
  )
  on conflict on constraint room_invites_pkey do update set uses = 0;
end;
$$;

-- One answer for every way in which an invite is none for the caller. Who was in the room knows its invites from the log
-- and was given no link: for them, only those count that were made since.
create function private.require_invite(room uuid, invite uuid) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if not exists (
    select from public.room_invites v join public.rooms r on r.id = v.room_id
    where v.room_id = room and v.id = invite and v.used < v.uses and r.deleted_at is null and v.expires_at > now()
      and not exists (
        select from public.room_members m
        where m.room_id = room and m.user_id = auth.uid() and coalesce(m.left_at, 'infinity') >= v.created_at
      )
  ) then
    perform private.fail('TK600', 'ACCESS_NOT_FOUND', 'no open invite', 'invite', invite::text);
  end if;
end;
$$;

-- The log of a room for somebody with an open invite to it: who knows its id was given the link. 500 entries at a time.
create function private.invited_log(room uuid, invite uuid, after bigint) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  perform private.rate_limit('invited_log', 120, interval '1 hour');
  perform private.require_invite(room, invite);
  return (
    select jsonb_build_object('room', r.id, 'log_rows', r.log_rows, 'entries', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'seq', l.seq, 'room_seq', l.room_seq, 'bytes', private.to_base64url(l.entry)
      ) order by l.seq), '[]')
      from (
        select * from public.room_log e where e.room_id = r.id and e.seq > coalesce(after, 0) order by e.seq limit 500
      ) l
    ))
    from public.rooms r where r.id = room
  );
end;
$$;

create function private.request_join(request_text text) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  request constant bytea := private.from_base64url(request_text, 'request', 281);
  room uuid;
begin
  perform private.require_live();
  perform private.rate_limit('request_join', 60, interval '1 hour');
  if octet_length(request) is distinct from 281 or get_byte(request, 0) <> 1 then
    perform private.refuse_bytes('request', 'a request to join, version 1');
  end if;
  if private.uuid_at(request, 41) is distinct from auth.uid() or not private.is_own_device(private.uuid_at(request, 129)) then
    perform private.fail('TK604', 'ACCESS_DENIED', 'a request to join is signed by a device of its own user', 'request');
  end if;
  room := private.uuid_at(request, 1);
  perform private.require_invite(room, private.uuid_at(request, 17));
  insert into public.join_requests as j (room_id, user_id, invite, request)
  values (room, auth.uid(), private.uuid_at(request, 17), request)
  on conflict on constraint join_requests_pkey do update
    set invite = excluded.invite, request = excluded.request, created_at = now();
  perform private.tell_admins(room);
  return true;
end;
$$;

create function private.tell_admins(room uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.changes (user_id, table_name, operation, row_ids)
  select m.user_id, 'rooms', 'update', array[room]
  from public.room_members m where m.room_id = room and m.left_at is null and m.role >= 2;
end;
$$;

create function public.join_requests_of(room uuid) returns jsonb
  language sql stable set search_path = '' set timezone = 'UTC'
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'user_id', j.user_id, 'invite', j.invite, 'at', j.created_at, 'request', private.to_base64url(j.request)
    ) order by j.created_at), '[]')
    from (select * from public.join_requests r where r.room_id = room order by r.created_at limit 200) j
  );

-- Takes requests away: one's own, and as an admin those that are refused.
create function private.drop_join_requests(room uuid, users uuid[]) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  gone integer;
begin
  perform private.require_live();
  delete from public.join_requests j
  where j.room_id = room and j.user_id = any (users) and (j.user_id = auth.uid() or room = any (private.my_admin_rooms()));
  get diagnostics gone = row_count;
  return gone;
end;
$$;

create function public.post_grant("grant" text) returns uuid
  language sql volatile set search_path = '' return private.post_grant("grant");
create function public.drop_grants(ids uuid[]) returns integer
  language sql volatile set search_path = '' return private.drop_grants(ids);
create function public.invited_log(room uuid, invite uuid, after bigint default 0) returns jsonb
  language sql volatile set search_path = '' return private.invited_log(room, invite, after);
create function public.request_join(request text) returns boolean
  language sql volatile set search_path = '' return private.request_join(request);
create function public.drop_join_requests(room uuid, users uuid[]) returns integer
  language sql volatile set search_path = '' return private.drop_join_requests(room, users);

comment on function public.post_grant(text) is 'Gives a member''s device the secrets of older epochs; gives the grant''s id.';
comment on function public.my_grants(uuid, integer) is
  'Grants for a device of the caller''s, oldest first: [{id, room, by, first, last, sealed}].';
comment on function public.drop_grants(uuid[]) is 'Takes away grants that were opened. How many it were.';
comment on function public.invited_log(uuid, uuid, bigint) is
  'The log of a room to whose open invite the caller has the id, 500 entries at a time: {room, log_rows, entries}.';
comment on function public.request_join(text) is 'Asks to be let in by an invite; an admin''s device answers. Safe to repeat.';
comment on function public.join_requests_of(uuid) is 'Who waits to be let in; for admins of the room.';
comment on function public.drop_join_requests(uuid, uuid[]) is
  'Takes requests to join away: the caller''s own, and as an admin those of others. How many it were.';

grant execute on function
  private.post_grant(text), public.post_grant(text), public.my_grants(uuid, integer),
  private.drop_grants(uuid[]), public.drop_grants(uuid[]),
  private.invited_log(uuid, uuid, bigint), public.invited_log(uuid, uuid, bigint),
  private.request_join(text), public.request_join(text), public.join_requests_of(uuid),
  private.drop_join_requests(uuid, uuid[]), public.drop_join_requests(uuid, uuid[])
  to authenticated;
-- Not granted to anyone: any other function of this file. To anon: nothing.
