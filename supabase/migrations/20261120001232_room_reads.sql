-- Reading rooms: pages in the order of rows, bytes as base64url. These run with the caller's rights: the policies decide
-- what there is to read, so that a room that is not the caller's reads like one that is empty.

-- How far each member has read; nobody's business but their own.
create table public.read_marks (
  room_id uuid not null,
  user_id uuid not null,
  last_read_seq bigint not null default 0,
  updated_at timestamptz not null default now(),
  constraint read_marks_pkey primary key (room_id, user_id),
  constraint read_marks_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict,
  constraint read_marks_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint read_marks_last_read_seq_range check (last_read_seq >= 0)
) with (fillfactor = 70);
-- Serves: the caller's marks beside their rooms, and the foreign key from profiles.
create index read_marks_user_idx on public.read_marks (user_id, room_id);
alter table public.read_marks enable row level security;
comment on table public.read_marks is 'The number of the last row that its user has read in a room; private to them.';

create policy read_marks_live on public.read_marks as restrictive for all to public using ((select private.is_live()));
create policy read_marks_select on public.read_marks for select to authenticated using (user_id = (select auth.uid()));
grant select on public.read_marks to authenticated, service_role;

-- Rows of a room in their order, from `after` on, entries, commits and messages together. An answer ends with the row
-- that takes it beyond 8 MiB: a commit may have 4 of them, and whoever was away for a month reads on.
create function public.room_rows(room uuid, after bigint default 0, "limit" integer default 200) returns jsonb
  language plpgsql stable set search_path = ''
as $$
declare
  first constant bigint := coalesce(after, 0);
  most constant integer := least(greatest(coalesce("limit", 200), 1), 500);
begin
  return (
    select coalesce(jsonb_agg(case r.kind when 'message' then private.message_row(r.message)
      else private.row_told(r.seq, r.kind, r.by_whom, r.at, r.bytes) end order by r.seq), '[]')
    from (
      select every.*, sum(size) over (order by seq rows unbounded preceding) - size as before from (
        (
          select l.room_seq as seq, 'entry' as kind, l.author as by_whom, l.created_at as at, l.entry as bytes,
            octet_length(l.entry) as size, null::public.messages as message
          from public.room_log l where l.room_id = room and l.room_seq > first order by l.room_seq limit most
        ) union all (
          select e.room_seq, 'commit', e.committer, e.created_at, e.commit, octet_length(e.commit), null
          from public.room_epochs e where e.room_id = room and e.room_seq > first order by e.room_seq limit most
        ) union all (
          select m.seq, 'message', m.sender_id, m.received_at, null, coalesce(octet_length(m.body), 0) + 350, m
          from public.messages m where m.room_id = room and m.seq > first order by m.seq limit most
        )
        order by seq limit most
      ) every
    ) r
    where r.before < 8388608
  );
end;
$$;
comment on function public.room_rows(uuid, bigint, integer) is
  'Entries, commits and messages after row `after`: [{seq, kind, by, at, bytes}], at most `limit` (200, up to 500).';

create function public.messages_page(room uuid, before bigint default null, "limit" integer default 50) returns jsonb
  language plpgsql stable set search_path = ''
as $$
declare
  last constant bigint := coalesce(before, 9223372036854775807);
  most constant integer := least(greatest(coalesce("limit", 50), 1), 200);
begin
  return (
    select coalesce(jsonb_agg(private.message_row(p.m) order by p.seq desc), '[]') from (
      select m, m.seq from public.messages m
      where m.room_id = room and m.seq < last
      order by m.seq desc limit most
    ) p
  );
end;
$$;
comment on function public.messages_page(uuid, bigint, integer) is
  'Messages before row `before`, newest first: [{seq, kind, by, at, bytes}], at most `limit` (50, up to 200).';

create function public.room_wraps(room uuid, device uuid, after bigint default 0) returns jsonb
  language plpgsql stable set search_path = ''
as $$
declare
  first constant bigint := coalesce(after, 0);
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object('epoch', w.epoch, 'wrap', private.to_base64url(w.wrap)) order by w.epoch
    ), '[]')
    from (
      select r.epoch, r.wrap from public.epoch_recipients r
      where r.room_id = room and r.device_id = device and r.epoch > first order by r.epoch limit 500
    ) w
  );
end;
$$;
comment on function public.room_wraps(uuid, uuid, bigint) is
  'Epoch secrets wrapped for a device of the caller''s, after an epoch, at most 500: [{epoch, wrap}].';

-- Where rooms stand: what to compare on connecting and before each commit. By the rights of its owner, because it counts
-- the rows of other members' device logs, which read_device_logs() tells anyhow. A thousand members take 20 ms to list:
-- whoever names the stamp of what they know already is given the list when it is another.
create function private.heads(asked uuid[], known jsonb) returns jsonb
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_live();
  if cardinality(asked) > 200 then
    perform private.refuse_bytes('rooms', 'a list of at most 200 ids');
  end if;
  return (
    select coalesce(jsonb_agg(private.heads_of(r) || jsonb_build_object(
      'rekey_required', r.rekey_required, 'deleted', r.deleted_at is not null, 'stamp', s.stamp,
      'members', case when known ->> r.id::text is distinct from s.stamp then (
        select jsonb_agg(jsonb_build_object(
          'user_id', m.user_id, 'root', private.to_base64url(m.root), 'role', m.role, 'log_rows', i.rows
        ) order by m.user_id)
        from public.room_members m join public.identities i on i.user_id = m.user_id and i.root = m.root
        where m.room_id = r.id and m.left_at is null
      ) end
    ) order by r.id), '[]')
    from public.rooms r cross join lateral (select private.stamp_of(r) as stamp) s
    where r.id = any (asked) and r.id = any (private.my_rooms())
  );
end;
$$;

create function public.heads(rooms uuid[], known jsonb default null) returns jsonb
  language sql stable set search_path = ''
  return private.heads(rooms, known);
comment on function public.heads(uuid[], jsonb) is
  'Of up to 200 rooms: id, epoch, log_rows, last_seq, transcript, topic_rev, rekey_required, deleted, stamp, members; no members where known = {id: stamp} has the present one.';

-- The caller's rooms, the one of the last message first, with what is unread among the next 1,000 rows: by keyset on
-- (active_at, id).
create function public.my_rooms(before timestamptz default null, before_id uuid default null, "limit" integer default 50)
  returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
declare
  caller constant uuid := auth.uid();
  last constant timestamptz := coalesce(before, 'infinity');
  last_id constant uuid := coalesce(before_id, '00000000-0000-0000-0000-000000000000');
  most constant integer := least(greatest(coalesce("limit", 50), 1), 200);
begin
  return (
    select coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object(
      'transcript', private.to_base64url(p.transcript), 'unread', u.unread,
      'peer', case when p.kind = 'direct' then (
        select o.user_id from public.room_members o where o.room_id = p.id and o.user_id <> caller
      ) end
    ) order by p.active_at desc, p.id desc), '[]')
    from (
      select r.id, r.kind, r.history, r.epoch, r.last_seq, r.log_rows, r.topic_rev, r.active_at, r.rekey_required,
        r.transcript, m.role, m.joined_at, coalesce(k.last_read_seq, 0) as last_read_seq
      from public.room_members m
        join public.rooms r on r.id = m.room_id
        left join public.read_marks k on k.room_id = m.room_id and k.user_id = caller
      where m.user_id = caller and m.left_at is null and r.deleted_at is null
        and r.active_at <= last and (r.active_at < last or r.id < last_id or last = 'infinity')
      order by r.active_at desc, r.id desc limit most
    ) p
    cross join lateral (
      select count(*) filter (where n.class = 1 and n.sender_id <> caller) as unread from (
        select m.class, m.sender_id from public.messages m
        where m.room_id = p.id and m.seq > p.last_read_seq order by m.seq limit 1000
      ) n
    ) u
  );
end;
$$;
comment on function public.my_rooms(timestamptz, uuid, integer) is
  'The caller''s rooms, latest first, at most `limit` (50, up to 200), with heads, role, mark and how much is unread.';

-- Notes how far the caller has read: no further than there is, and never backwards.
create function private.mark_read(room uuid, seq bigint) returns bigint
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  marked bigint;
begin
  perform private.require_live();
  insert into public.read_marks as k (room_id, user_id, last_read_seq)
  select r.id, auth.uid(), least(greatest(coalesce(mark_read.seq, 0), 0), r.last_seq)
  from public.rooms r where r.id = room and r.id = any (private.my_rooms())
  on conflict on constraint read_marks_pkey do update
    set last_read_seq = greatest(k.last_read_seq, excluded.last_read_seq), updated_at = now()
  returning k.last_read_seq into marked;
  if marked is null then
    perform private.refuse_room(room);
  end if;
  return marked;
end;
$$;

create function public.mark_read(room uuid, seq bigint) returns bigint
  language sql volatile set search_path = ''
  return private.mark_read(room, seq);
comment on function public.mark_read(uuid, bigint) is
  'Notes that the caller has read up to row seq; never backwards. Gives the mark.';

grant execute on function
  public.room_rows(uuid, bigint, integer), public.messages_page(uuid, bigint, integer),
  public.room_wraps(uuid, uuid, bigint), private.heads(uuid[], jsonb), public.heads(uuid[], jsonb),
  public.my_rooms(timestamptz, uuid, integer), private.mark_read(uuid, bigint), public.mark_read(uuid, bigint)
  to authenticated;
-- Not granted to anyone: writing marks but by mark_read(). To anon: nothing.
