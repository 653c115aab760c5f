-- What devices leave for each other at the server, sealed: requests to be approved and their answers, backups, the
-- vault, grants of older epochs, requests to join by link. The database sees who, when and how long.

create table public.device_approvals (
  id uuid not null,
  user_id uuid not null,
  request bytea not null,
  answer bytea,
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  constraint device_approvals_pkey primary key (id),
  constraint device_approvals_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint device_approvals_request_length check (octet_length(request) = 585),
  constraint device_approvals_answer_length check (octet_length(answer) between 200 and 4194304)
);
-- Serves: a user's open requests.
create index device_approvals_user_idx on public.device_approvals (user_id, created_at desc);

create table public.backups (
  user_id uuid not null,
  root bytea not null,
  number bigint not null,
  backup bytea not null,
  created_at timestamptz not null default now(),
  constraint backups_pkey primary key (user_id, root),
  constraint backups_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint backups_length check (octet_length(backup) between 145 and 16777216)
);

create table public.vault_items (
  user_id uuid not null,
  room_id uuid not null,
  kind smallint not null,
  item uuid not null,
  item_version bigint not null,
  epoch bigint not null,
  sealed bytea not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint vault_items_pkey primary key (user_id, room_id, kind, item),
  constraint vault_items_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint vault_items_length check (octet_length(sealed) between 155 and 65536)
);
-- Serves: what has changed since a device read last.
create index vault_items_updated_idx on public.vault_items (user_id, updated_at, kind, item);

create table public.room_grants (
  id uuid not null default gen_random_uuid(),
  room_id uuid not null,
  grantor uuid not null,
  recipient uuid not null,
  device_id uuid not null,
  first_epoch bigint not null,
  last_epoch bigint not null,
  sealed bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint room_grants_pkey primary key (id),
  constraint room_grants_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict,
  -- A grant given again takes the place of the first.
  constraint room_grants_key unique (room_id, device_id, grantor, first_epoch, last_epoch),
  constraint room_grants_length check (octet_length(sealed) between 742 and 65536)
);
-- Serves: a device's grants.
create index room_grants_device_idx on public.room_grants (recipient, device_id, created_at);

create table public.join_requests (
  room_id uuid not null,
  user_id uuid not null,
  invite uuid not null,
  request bytea not null,
  created_at timestamptz not null default now(),
  constraint join_requests_pkey primary key (room_id, user_id),
  constraint join_requests_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict,
  constraint join_requests_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint join_requests_length check (octet_length(request) = 281)
);
-- Serves: one's own requests, and the foreign key from profiles.
create index join_requests_user_idx on public.join_requests (user_id);

create table public.room_invites (
  room_id uuid not null,
  id uuid not null,
  role smallint not null,
  uses integer not null,
  used integer not null default 0,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  constraint room_invites_pkey primary key (room_id, id),
  constraint room_invites_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict
);

-- Ciphertext does not compress.
alter table public.device_approvals alter column answer set storage external;
alter table public.backups alter column backup set storage external;
alter table public.vault_items alter column sealed set storage external;
alter table public.room_grants alter column sealed set storage external;

alter table public.device_approvals enable row level security;
alter table public.backups enable row level security;
alter table public.vault_items enable row level security;
alter table public.room_grants enable row level security;
alter table public.join_requests enable row level security;
alter table public.room_invites enable row level security;

comment on table public.device_approvals is 'A new device''s request, and an older device''s answer; gone after a day.';
comment on table public.backups is 'What a recovery code opens; the last one of each identity.';
comment on table public.vault_items is 'Settings, contacts and keys of a user''s own devices, sealed under the self room.';
comment on column public.vault_items.item_version is 'Raised by the device that writes; part of what is sealed.';
comment on table public.room_grants is 'Secrets of older epochs, wrapped for one device.';
comment on table public.join_requests is 'Who followed a link into a room and waits for an admin''s device; gone after 30 days.';
comment on table public.room_invites is 'Invites of a room''s log and how often they were used, for access alone.';

-- Whose admin the caller is; asked once by each statement.
create function private.my_admin_rooms() returns uuid[]
  language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(
    select m.room_id from public.room_members m where m.user_id = auth.uid() and m.left_at is null and m.role >= 2
  );
end;
$$;
grant execute on function private.my_admin_rooms() to authenticated;

create policy device_approvals_live on public.device_approvals as restrictive for all to public
  using ((select private.is_live()));
create policy backups_live on public.backups as restrictive for all to public using ((select private.is_live()));
create policy vault_items_live on public.vault_items as restrictive for all to public using ((select private.is_live()));
create policy room_grants_live on public.room_grants as restrictive for all to public using ((select private.is_live()));
create policy join_requests_live on public.join_requests as restrictive for all to public
  using ((select private.is_live()));
create policy room_invites_live on public.room_invites as restrictive for all to public using ((select private.is_live()));

-- What is for a user's own devices, that user alone reads.
create policy device_approvals_select on public.device_approvals for select to authenticated
  using (user_id = (select auth.uid()));
create policy backups_select on public.backups for select to authenticated using (user_id = (select auth.uid()));
create policy vault_items_select on public.vault_items for select to authenticated using (user_id = (select auth.uid()));
create policy room_grants_select on public.room_grants for select to authenticated
  using (recipient = (select auth.uid()));

-- One's own requests, and those for rooms that one lets people into.
create policy join_requests_select on public.join_requests for select to authenticated
  using (user_id = (select auth.uid()) or room_id = any ((select private.my_admin_rooms())::uuid[]));

-- Members read invites in the log; how often they were used matters to those who let people in.
create policy room_invites_select on public.room_invites for select to authenticated
  using (room_id = any ((select private.my_admin_rooms())::uuid[]));

grant select on public.device_approvals, public.backups, public.vault_items, public.room_grants, public.join_requests,
  public.room_invites to authenticated, service_role;
-- Not granted to anyone: any write but by the calls of the next files. To anon: nothing.

create function private.forget_sealed() returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  gone integer;
  more integer;
begin
  delete from public.device_approvals a where a.created_at < now() - interval '1 day';
  get diagnostics gone = row_count;
  delete from public.join_requests j where j.created_at < now() - interval '30 days';
  get diagnostics more = row_count;
  return gone + more;
end;
$$;
comment on function private.forget_sealed() is 'Forgets requests that nobody answers any more; how many went.';
insert into private.schedules (name, cron, sql, about) values
  ('sealed', '47 3 * * *', 'select private.forget_sealed()', 'Forgets requests of devices and joiners that are too old.');
