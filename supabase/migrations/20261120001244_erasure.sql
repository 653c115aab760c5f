-- Who cannot be reached any more, or does not want to be: erased identities, and blocks.

create table public.blocks (
  user_id uuid not null,
  blocked_id uuid not null,
  created_at timestamptz not null default now(),
  constraint blocks_pkey primary key (user_id, blocked_id),
  constraint blocks_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint blocks_blocked_id_fkey foreign key (blocked_id) references public.profiles (id) on delete cascade,
  constraint blocks_not_self check (user_id <> blocked_id)
);
-- Serves: the foreign key from profiles.
create index blocks_blocked_idx on public.blocks (blocked_id);
-- Serves: one's own blocks, the last one first.
create index blocks_user_idx on public.blocks (user_id, created_at desc, blocked_id desc);

create table public.reports (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  reported_id uuid not null,
  room_id uuid,
  reason public.plain_text not null,
  created_at timestamptz not null default now(),
  constraint reports_pkey primary key (id),
  constraint reports_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint reports_reason_length check (char_length(reason) between 1 and 2000)
);
-- Serves: one's own reports, and the foreign key from profiles.
create index reports_user_idx on public.reports (user_id, created_at desc);

alter table public.blocks enable row level security;
alter table public.reports enable row level security;

comment on table public.blocks is 'By whom somebody does not want to be brought into rooms.';
comment on table public.reports is 'What people tell administrators about others.';
comment on column public.reports.reason is 'In the words of who reports; plaintext of messages only if they put it there.';

create policy blocks_live on public.blocks as restrictive for all to public using ((select private.is_live()));
create policy reports_live on public.reports as restrictive for all to public using ((select private.is_live()));

-- Nobody learns by whom they are blocked.
create policy blocks_select on public.blocks for select to authenticated using (user_id = (select auth.uid()));

-- People see what they have reported; administrators see all.
create policy reports_select on public.reports for select to authenticated
  using (user_id = (select auth.uid()) or (select private.has_role('admin')));

grant select on public.blocks, public.reports to authenticated, service_role;

-- Blocks somebody, or does so no more. Whether there is such a user, the answer does not say.
create function private.set_blocked(other uuid, blocked boolean) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  perform private.rate_limit('set_blocked', 300, interval '1 hour');
  if blocked then
    insert into public.blocks (user_id, blocked_id)
    select auth.uid(), p.id from public.profiles p where p.id = other and p.id <> auth.uid()
    on conflict on constraint blocks_pkey do nothing;
  else
    delete from public.blocks b where b.user_id = auth.uid() and b.blocked_id = other;
  end if;
  return blocked;
end;
$$;

create function public.set_blocked("user" uuid, blocked boolean) returns boolean
  language sql volatile set search_path = ''
  return private.set_blocked("user", blocked);
comment on function public.set_blocked(uuid, boolean) is 'Blocks a user, or with false does so no more; gives `blocked`.';

create function private.report_user(other uuid, reason text, room uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  perform private.rate_limit('report_user', 20, interval '1 hour');
  insert into public.reports (user_id, reported_id, room_id, reason) values (auth.uid(), other, room, report_user.reason);
  return true;
end;
$$;

create function public.report_user("user" uuid, reason text, room uuid default null) returns boolean
  language sql volatile set search_path = ''
  return private.report_user("user", reason, room);
comment on function public.report_user(uuid, text, uuid) is 'Tells administrators about a user, in 1 to 2,000 characters.';

grant execute on function
  private.set_blocked(uuid, boolean), public.set_blocked(uuid, boolean),
  private.report_user(uuid, text, uuid), public.report_user(uuid, text, uuid)
  to authenticated;

-- Whoever is brought into a room is held as they are until that is done: a device that comes or goes, another identity, a
-- ban, the account's end would all pass by a room that is just being entered. Before the room is locked, and in one order:
-- whoever has somebody's log goes on to wait for that person's rooms.
create function private.hold_people(people uuid[], change jsonb) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('identities:' || p.who, 0)) from (
    select unnest(people) as who
    union
    select private.uuid_at(e, 170) from unnest(private.bytes_list(change -> 'entries', 'entries', 100, 2048)) as e
    where case when octet_length(e) >= 234 then get_byte(e, 57) = 2 end
    order by who
  ) p;
end;
$$;

-- Only a present identity of an active account is brought into a room by others, and nobody by whom they have blocked.
-- One answer for all of these: a block is not shown to whom it is for.
create function private.require_reachable(who uuid, their_root bytea) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if not exists (
    select from public.identities i join public.profiles p on p.id = i.user_id
    where i.user_id = who and i.root = their_root and i.retired_at is null and p.status = 'active'
  ) or exists (select from public.blocks b where b.user_id = who and b.blocked_id = auth.uid()) then
    perform private.fail('TK606', 'USAGE_REFERENCE', 'nobody with that identity who can be reached', 'user', who::text);
  end if;
end;
$$;

-- The server's own marker in each room of an identity that is gone (docs/protocol.md §11.6): unsigned, out of the chain,
-- honoured by readers as removal and nothing else. Wraps go, signed rows and ciphertext stay. The member's place and role
-- wait for whoever evicts it.
create function private.erase_identity(owner uuid, gone bytea) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  room public.rooms;
begin
  for room in
    select r.* from public.rooms r
    where r.id in (
      select m.room_id from public.room_members m where m.user_id = owner and m.root = gone and m.left_at is null
    )
    order by r.id for no key update
  loop
    -- After it no list of a self room would be possible: its readers hold it void.
    if room.kind <> 'self' then
      room := private.store_room_entry(room, owner, 11::smallint, private.erased_marker(room, owner, gone));
    end if;
    update public.room_members m set left_at = now(), erased = true
    where m.room_id = room.id and m.user_id = owner and m.left_at is null;
    update public.rooms r set rekey_required = true, topic_rev = r.topic_rev + 1 where r.id = room.id;
    perform private.close_empty(room.id);
  end loop;
  delete from public.epoch_recipients w where w.user_id = owner and w.device_id in (
    select d.id from public.devices d where d.user_id = owner and d.root = gone
  );
  delete from public.room_grants g where g.recipient = owner;
end;
$$;

create function private.erased_marker(room public.rooms, owner uuid, gone bytea) returns bytea
  language plpgsql stable set search_path = ''
as $$
begin
  return '\x01'::bytea || private.uuid_bytes(room.id) || int8send(room.log_rows + 1) || private.zeros(32) || '\x0b'::bytea
    || private.zeros(104) || int8send((extract(epoch from now()) * 1000)::bigint)
    || private.uuid_bytes(owner) || gone || private.zeros(64);
end;
$$;

-- With the account its present identity is erased wherever it was; the ones before were when they ended.
create function private.erase_account() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  gone bytea;
begin
  perform pg_advisory_xact_lock(hashtextextended('identities:' || old.id, 0));
  update public.identities i set retired_at = now() where i.user_id = old.id and i.retired_at is null
  returning i.root into gone;
  if gone is not null then
    perform private.erase_identity(old.id, gone);
  end if;
  return old;
end;
$$;
create trigger erase_account before delete on public.profiles
  for each row execute function private.erase_account();
-- Not granted to users: writing these tables but by the functions above. To anon: nothing.
