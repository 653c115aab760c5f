-- Rooms: who is in them, their logs and epochs. The logs are signed by devices and judged by every reader
-- (docs/protocol.md §11, §14); the database keeps their order, counts their rows, and says who may read and write, by
-- the same table of rights, read from its own state. It never judges a signature: what it lets in may be void, what it
-- keeps out was nobody's to write.

create table public.rooms (
  id uuid not null,
  kind text not null,
  protocol smallint not null,
  minimum_suite smallint not null,
  history text not null,
  epoch bigint not null default 0,
  log_rows bigint not null default 0,
  last_seq bigint not null default 0,
  transcript bytea not null,
  rekey_required boolean not null default false,
  devices_rev bigint not null default 0,
  topic_rev integer not null default 1,
  created_at timestamptz not null default now(),
  active_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint rooms_pkey primary key (id),
  constraint rooms_kind_known check (kind in ('group', 'direct', 'self')),
  constraint rooms_history_known check (history in ('none', 'shared')),
  constraint rooms_transcript_length check (octet_length(transcript) = 32)
) with (fillfactor = 70);

-- No reference to the account, here and below: what was signed stays under the bare id when an account goes.
create table public.room_members (
  room_id uuid not null,
  user_id uuid not null,
  root bytea not null,
  role smallint not null,
  since bigint not null,
  joined_at timestamptz not null default now(),
  left_at timestamptz,
  erased boolean not null default false,
  constraint room_members_pkey primary key (room_id, user_id),
  constraint room_members_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict,
  constraint room_members_role_known check (role between 1 and 3),
  constraint room_members_erased_is_gone check (not erased or left_at is not null)
);
-- Serves: the rooms of a user (policies, the list of rooms).
create index room_members_user_idx on public.room_members (user_id, room_id) where left_at is null;

create table public.room_log (
  room_id uuid not null,
  seq bigint not null,
  room_seq bigint not null,
  op smallint not null,
  author uuid not null,
  hash bytea not null,
  entry bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint room_log_pkey primary key (room_id, seq),
  constraint room_log_room_seq_key unique (room_id, room_seq),
  constraint room_log_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict,
  constraint room_log_entry_length check (octet_length(entry) between 234 and 2048)
);

create table public.room_epochs (
  room_id uuid not null,
  epoch bigint not null,
  room_seq bigint not null,
  committer uuid not null,
  device_id uuid not null,
  hash bytea not null,
  commit bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint room_epochs_pkey primary key (room_id, epoch),
  constraint room_epochs_room_seq_key unique (room_id, room_seq),
  constraint room_epochs_room_id_fkey foreign key (room_id) references public.rooms (id) on delete restrict,
  constraint room_epochs_commit_length check (octet_length(commit) between 453 and 4352317)
);

-- No reference to the epoch: it would be looked up for each of up to 32,000 wraps, which add_commit() alone writes.
create table public.epoch_recipients (
  room_id uuid not null,
  epoch bigint not null,
  user_id uuid not null,
  device_id uuid not null,
  wrap bytea not null,
  constraint epoch_recipients_pkey primary key (room_id, device_id, epoch),
  constraint epoch_recipients_wrap_length check (octet_length(wrap) = 384)
);
-- Serves: taking away the wraps of a device or an account.
create index epoch_recipients_user_idx on public.epoch_recipients (user_id, device_id);

-- Ciphertext and hashes do not compress.
alter table public.room_epochs alter column commit set storage external;

alter table public.rooms enable row level security;
alter table public.room_members enable row level security;
alter table public.room_log enable row level security;
alter table public.room_epochs enable row level security;
alter table public.epoch_recipients enable row level security;

comment on table public.rooms is 'A room as far as a server may know it; its name is in the log, sealed.';
comment on column public.rooms.protocol is 'As the room was made; what it was raised to, the log says and readers enforce.';
comment on column public.rooms.minimum_suite is 'As protocol.';
comment on column public.rooms.epoch is 'Number of the last commit, void ones included.';
comment on column public.rooms.log_rows is 'Entries in the log, void ones included.';
comment on column public.rooms.last_seq is 'Entries, commits and messages together: the number of the last row.';
comment on column public.rooms.transcript is 'T of the last row; docs/protocol.md §13.3.';
comment on column public.rooms.rekey_required is 'A hint: members or devices have changed since the last commit.';
comment on column public.rooms.devices_rev is 'Rises with every row of a member''s device log; with log_rows it says whether heads() has news of members.';
comment on column public.rooms.topic_rev is 'Raised when somebody must stop listening; part of the topic.';
comment on column public.rooms.active_at is 'When the last message of content came.';
comment on column public.rooms.deleted_at is 'Nothing is sent any more; a later entry of the owner''s takes it back.';
comment on table public.room_members is 'Who may read and write, and who could; the signed truth is the log.';
comment on column public.room_members.root is 'The identity that is the member: another one of the same account is not.';
comment on column public.room_members.role is '1 member, 2 admin, 3 owner.';
comment on column public.room_members.since is 'Number of the log entry that brought this identity in.';
comment on column public.room_members.left_at is 'Reads and writes nothing from then on.';
comment on column public.room_members.erased is 'The account, or this identity of it, is gone, and nobody has evicted it yet.';
comment on table public.room_log is 'Signed entries, and the server''s unsigned markers of erasure. Only ever added to.';
comment on column public.room_log.room_seq is 'Place among all rows of the room.';
comment on table public.room_epochs is 'Signed commits with their lists of recipients. Only ever added to.';
comment on table public.epoch_recipients is 'An epoch''s secret, wrapped for one device; readable by its user alone.';

-- Which rooms the caller is in; asked once by each statement.
create function private.my_rooms() returns uuid[]
  language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(select m.room_id from public.room_members m where m.user_id = auth.uid() and m.left_at is null);
end;
$$;
grant execute on function private.my_rooms() to authenticated;

create policy rooms_live on public.rooms as restrictive for all to public using ((select private.is_live()));
create policy room_members_live on public.room_members as restrictive for all to public using ((select private.is_live()));
create policy room_log_live on public.room_log as restrictive for all to public using ((select private.is_live()));
create policy room_epochs_live on public.room_epochs as restrictive for all to public using ((select private.is_live()));
create policy epoch_recipients_live on public.epoch_recipients as restrictive for all to public
  using ((select private.is_live()));

-- Members read everything of a room but the wraps of others, for as long as they are in it.
create policy rooms_select on public.rooms for select to authenticated
  using (id = any ((select private.my_rooms())::uuid[]));
create policy room_members_select on public.room_members for select to authenticated
  using (room_id = any ((select private.my_rooms())::uuid[]));
create policy room_log_select on public.room_log for select to authenticated
  using (room_id = any ((select private.my_rooms())::uuid[]));
create policy room_epochs_select on public.room_epochs for select to authenticated
  using (room_id = any ((select private.my_rooms())::uuid[]));
create policy epoch_recipients_select on public.epoch_recipients for select to authenticated
  using (user_id = (select auth.uid()) and room_id = any ((select private.my_rooms())::uuid[]));

grant select on public.rooms, public.room_members, public.room_log, public.room_epochs, public.epoch_recipients
  to authenticated, service_role;

-- The room for a write by one of its members, locked: whatever gets a number in it waits here for its turn. Locks that
-- references to the room take do not wait.
create function private.lock_room(room uuid) returns public.rooms
  language plpgsql volatile set search_path = ''
as $$
declare
  locked public.rooms;
begin
  if not exists (
    select from public.room_members m where m.room_id = room and m.user_id = auth.uid() and m.left_at is null
  ) then
    perform private.refuse_room(room);
  end if;
  select r.* into locked from public.rooms r where r.id = room for no key update;
  -- Asked again: who was removed by whoever had the lock before is in the room no more.
  if not exists (
    select from public.room_members m where m.room_id = room and m.user_id = auth.uid() and m.left_at is null
  ) then
    perform private.refuse_room(room);
  end if;
  return locked;
end;
$$;

create function private.require_open(room public.rooms) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if room.deleted_at is not null then
    perform private.refuse_room(room.id);
  end if;
end;
$$;

-- T_n from T_{n-1} and what the next row is.
create function private.next_transcript(before bytea, hash bytea) returns bytea
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return private.tagged_hash('transcript', before || hash);
end;
$$;

-- Whether a device may act for the caller: one of the present identity's that was not revoked.
create function private.is_own_device(device uuid) returns boolean
  language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.identities i join public.devices d on d.user_id = i.user_id and d.root = i.root
    where i.user_id = auth.uid() and i.retired_at is null
      and d.id = device and d.revoked_seq is null and d.kind <> 'recovery'
  );
end;
$$;

-- What the caller had read when it signed must be all there is: {log, devices: {user: rows}}, of everybody whom its commit
-- lists or its entries bring in. Whom it leaves out is not compared: the database may take somebody for a member who by
-- the log is none, and the other way round. `seq`, where it is given, is the room's last row: whoever sends messages with
-- the commit has named its place in them.
create function private.require_heads(room public.rooms, seen jsonb) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if (seen ->> 'log')::bigint is distinct from room.log_rows or (seen ->> 'seq')::bigint <> room.last_seq or exists (
    select from jsonb_each_text(seen -> 'devices') as d (user_id, rows)
    where not exists (
      select from public.identities i
      where i.user_id = d.user_id::uuid and i.rows = d.rows::bigint and not exists (
        select from public.room_members m
        where m.room_id = room.id and m.user_id = i.user_id and m.left_at is null and m.root <> i.root
      )
    )
  ) then
    perform private.fail(
      'TK601', 'CONFLICT_STALE_HEADS', 'logs have grown since they were read', 'seen', null,
      'the number of rows of the room''s log, of the device log of everybody in the commit, and of the room if it is given'
    );
  end if;
end;
$$;

-- Where a room stands, for its members; for whoever has just left it, its id.
create function private.heads_of(room public.rooms) returns jsonb
  language plpgsql stable set search_path = ''
as $$
begin
  if not exists (
    select from public.room_members m where m.room_id = room.id and m.user_id = auth.uid() and m.left_at is null
  ) then
    return jsonb_build_object('id', room.id);
  end if;
  return jsonb_build_object(
    'id', room.id, 'epoch', room.epoch, 'log_rows', room.log_rows, 'last_seq', room.last_seq,
    'transcript', private.to_base64url(room.transcript), 'topic_rev', room.topic_rev
  );
end;
$$;

-- Who is in a room with which device logs, in a word that changes with them.
create function private.stamp_of(room public.rooms) returns text
  language plpgsql stable set search_path = ''
as $$
begin
  return format('%s.%s', room.log_rows, room.devices_rev);
end;
$$;
-- Not granted to anyone: any write to these tables but by the functions of later files. To anon: nothing.
