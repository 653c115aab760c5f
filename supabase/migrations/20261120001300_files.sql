-- Files: folders, files and their versions, and who may read them. The bytes lie in the bucket `files` of the platform's
-- storage; a row here says what may lie there. What an encrypted file is called, and of what kind it is, its owner's
-- devices alone can open (docs/protocol.md §5): here it is `sealed`. A plain file has a name.

create type public.file_state as enum ('reserved', 'ready');

insert into private.settings (name, value, about) values (
  'files',
  '{"largest": 5368709120, "reservation_hours": 24, "open_uploads": 100, "versions": 10, "depth": 10, "links": 100, "people": 200}',
  'Bytes of one file; hours for which a reservation waits for its bytes; reservations of one account; versions kept of '
    'a file; levels of folders; live links to a file; people with whom a file is shared.'
);

create function private.file_setting(name text) returns bigint
  language sql stable set search_path = ''
  return (private.setting('files') ->> name)::bigint;

create table public.folders (
  id uuid not null,
  owner_id uuid not null,
  parent_id uuid,
  depth smallint not null,
  name public.plain_line,
  sealed bytea,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  constraint folders_pkey primary key (id),
  constraint folders_owner_id_fkey foreign key (owner_id) references public.profiles (id) on delete cascade,
  constraint folders_parent_id_fkey foreign key (parent_id) references public.folders (id) on delete cascade,
  constraint folders_named_once check (num_nonnulls(name, sealed) = 1),
  constraint folders_name_format check (
    octet_length(name) between 1 and 255 and name !~ '[/\\]' and name not in ('.', '..')
  ),
  constraint folders_sealed_length check (octet_length(sealed) between 1 and 20480)
);
-- Serves: an owner's folders, by id; the cascade from profiles.
create index folders_owner_idx on public.folders (owner_id, id);
-- Serves: what lies in a folder, for moving and deleting with it; the foreign key.
create index folders_parent_idx on public.folders (parent_id);
-- Serves: the sweep of the trash.
create index folders_deleted_idx on public.folders (deleted_at) where deleted_at is not null;

create table public.files (
  id uuid not null,
  owner_id uuid not null,
  folder_id uuid,
  room_id uuid,
  attachment boolean not null default false,
  state public.file_state not null default 'reserved',
  encrypted boolean not null,
  name public.plain_line,
  media_type text,
  sealed bytea,
  size bigint not null,
  hash bytea,
  content_version integer,
  last_number integer not null default 1,
  room_since integer,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  uploaded_at timestamptz,
  version integer not null default 1,
  place uuid not null generated always as (coalesce(folder_id, owner_id)) stored,
  shown boolean not null generated always as (state = 'ready' and deleted_at is null) stored,
  shown_in uuid generated always as (case when state = 'ready' and deleted_at is null then room_id end) stored,
  constraint files_pkey primary key (id),
  constraint files_owner_id_fkey foreign key (owner_id) references public.profiles (id) on delete cascade,
  constraint files_folder_id_fkey foreign key (folder_id) references public.folders (id) on delete set null,
  constraint files_room_id_fkey foreign key (room_id) references public.rooms (id) on delete set null,
  constraint files_names_by_kind check (
    case when encrypted then num_nonnulls(name, media_type) = 0 else name is not null and sealed is null end
  ),
  constraint files_name_format check (
    octet_length(name) between 1 and 255 and name !~ '[/\\]' and name not in ('.', '..')
  ),
  constraint files_media_type_format check (
    octet_length(media_type) <= 127 and media_type ~ '^[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+$'
  ),
  constraint files_sealed_length check (octet_length(sealed) between 1 and 20480),
  constraint files_hash_length check (octet_length(hash) = 32),
  constraint files_size_range check (size >= 0),
  constraint files_ready_has_content check ((state = 'ready') = (content_version is not null))
);
-- Serves: what lies in a folder, newest first.
create index files_place_idx on public.files (place, created_at desc, id desc)
  where deleted_at is null and state = 'ready' and not attachment;
-- Serves: all of an owner's files; the export; the cascade from profiles.
create index files_owner_created_idx on public.files (owner_id, created_at desc, id desc);
-- Serves: the trash.
create index files_owner_deleted_idx on public.files (owner_id, deleted_at desc, id desc) where deleted_at is not null;
-- Serve: the foreign keys.
create index files_folder_idx on public.files (folder_id) where folder_id is not null;
create index files_room_idx on public.files (room_id) where room_id is not null;
-- Serves: the sweep of the trash.
create index files_deleted_idx on public.files (deleted_at) where deleted_at is not null;

create table public.file_versions (
  file_id uuid not null,
  number integer not null,
  owner_id uuid not null,
  upload_id uuid not null,
  state public.file_state not null default 'reserved',
  size bigint not null,
  hash bytea,
  sealed bytea,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  path text not null generated always as (owner_id::text || '/' || file_id::text || '/' || number::text) stored,
  constraint file_versions_pkey primary key (file_id, number),
  constraint file_versions_file_id_fkey foreign key (file_id) references public.files (id) on delete cascade,
  constraint file_versions_upload_key unique (upload_id),
  -- Serves: policies on storage.objects.
  constraint file_versions_path_key unique (path),
  constraint file_versions_path_format check (path ~ '^[0-9a-f-]{36}/[0-9a-f-]{36}/[0-9]+$'),
  constraint file_versions_number_range check (number >= 1),
  constraint file_versions_size_range check (size >= 0),
  constraint file_versions_sealed_length check (octet_length(sealed) between 1 and 20480),
  constraint file_versions_hash_length check (octet_length(hash) = 32),
  constraint file_versions_reserved_expires check ((state = 'reserved') = (expires_at is not null))
);
-- Serves: an owner's open uploads.
create index file_versions_open_idx on public.file_versions (owner_id, created_at) where state = 'reserved';
-- Serves: the sweep of reservations that nobody has used.
create index file_versions_expiring_idx on public.file_versions (expires_at) where state = 'reserved';

create table public.share_users (
  id uuid not null default gen_random_uuid(),
  file_id uuid not null,
  owner_id uuid not null,
  user_id uuid not null,
  since integer not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint share_users_pkey primary key (id),
  constraint share_users_key unique (file_id, user_id),
  constraint share_users_file_id_fkey foreign key (file_id) references public.files (id) on delete cascade,
  constraint share_users_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade
);
-- Serves: "shared with me", newest first; the cascade from profiles.
create index share_users_user_idx on public.share_users (user_id, created_at desc, id desc);

-- Ciphertext does not compress.
alter table public.folders alter column sealed set storage external;
alter table public.files alter column sealed set storage external;
alter table public.file_versions alter column sealed set storage external;

alter table public.folders enable row level security;
alter table public.files enable row level security;
alter table public.file_versions enable row level security;
alter table public.share_users enable row level security;

comment on table public.folders is 'Where an owner keeps files; nobody else sees it.';
comment on column public.folders.sealed is 'The name, as only the owner''s devices can open it; instead of `name`.';
comment on column public.folders.depth is '1 at the top.';
comment on table public.files is 'What somebody stores: its present version, and where it is kept.';
comment on column public.files.attachment is 'Was made to be sent in a room: not among the owner''s files.';
comment on column public.files.room_id is 'Members of this room may read it.';
comment on column public.files.room_since is 'Which version was present when the room got it; earlier ones are not shown there.';
comment on column public.files.sealed is 'File info as only the owner''s devices can open it; the present version''s.';
comment on column public.files.size is 'Bytes that are stored: of an encrypted file, of its ciphertext.';
comment on column public.files.hash is 'As the client gave it; docs/protocol.md §5.2.';
comment on column public.files.content_version is 'Number of the present version; null until one was uploaded.';
comment on column public.files.last_number is 'The highest number that a version got; none is given twice.';
comment on column public.files.version is 'Of the row: raised by each edit; a save that names an older one is refused.';
comment on column public.files.place is 'The folder, or the owner where there is none: lists look it up without nulls.';
comment on column public.files.shown is 'Whether others than its owner may see it at all.';
comment on column public.files.shown_in is 'The room whose members see it now.';
comment on table public.file_versions is 'What was stored of a file, each under a path of its own.';
comment on column public.file_versions.upload_id is 'Made by the client, so that a repeated reservation is recognised.';
comment on column public.file_versions.expires_at is 'When a reservation is given up.';
comment on column public.file_versions.path is 'Name of the object in the bucket `files`.';
comment on table public.share_users is 'With whom a file is shared by name.';
comment on column public.share_users.since is 'Which version was present then; earlier ones are not shown.';

-- The lowest version of a file that the caller may read, 1 for its owner; null for whoever may read none. What is in the
-- trash its owner alone reads.
create function private.readable_from(file uuid) returns integer
  language plpgsql stable security definer set search_path = ''
as $$
declare
  found public.files;
begin
  select f.* into found from public.files f where f.id = file;
  if found.owner_id = auth.uid() then
    return 1;
  end if;
  if found.state is distinct from 'ready' or found.deleted_at is not null then
    return null;
  end if;
  return least(
    (select s.since from public.share_users s where s.file_id = file and s.user_id = auth.uid()),
    (
      select found.room_since from public.room_members m
      where m.room_id = found.room_id and m.user_id = auth.uid() and m.left_at is null
    )
  );
end;
$$;

-- Whether the caller may read a file: its owner, whom it is shared with, and members of the room that it is attached to.
create function private.can_read_file(file uuid) returns boolean
  language plpgsql stable security definer set search_path = ''
as $$
begin
  return private.readable_from(file) is not null;
end;
$$;
grant execute on function private.can_read_file(uuid) to authenticated;

-- The same for the object at a path: of somebody else's file the present version, and those since it was shared. What is
-- under way, its owner alone sees.
create function private.can_read_object(path text) returns boolean
  language plpgsql stable security definer set search_path = ''
as $$
declare
  found public.file_versions;
  since integer;
begin
  select v.* into found from public.file_versions v where v.path = can_read_object.path;
  if found.owner_id = auth.uid() then
    return true;
  end if;
  since := private.readable_from(found.file_id);
  return found.state = 'ready' and since is not null and (
    found.number >= since or exists (
      select from public.files f where f.id = found.file_id and f.content_version = found.number
    )
  );
end;
$$;
grant execute on function private.can_read_object(text) to authenticated;

create policy folders_live on public.folders as restrictive for all to public using ((select private.is_live()));
create policy files_live on public.files as restrictive for all to public using ((select private.is_live()));
create policy file_versions_live on public.file_versions as restrictive for all to public
  using ((select private.is_live()));
create policy share_users_live on public.share_users as restrictive for all to public
  using ((select private.is_live()));

create policy folders_select on public.folders for select to authenticated using (owner_id = (select auth.uid()));

-- One's own alone: a row says where its owner keeps it and in which room it is. What others let one read, read_files and
-- shared_with_me tell, without that.
create policy files_select on public.files for select to authenticated using (owner_id = (select auth.uid()));
-- Others learn of a version what they were sent.
create policy file_versions_select on public.file_versions for select to authenticated
  using (owner_id = (select auth.uid()));
create policy share_users_select on public.share_users for select to authenticated
  using (owner_id = (select auth.uid()) or user_id = (select auth.uid()));

grant select on public.folders, public.files, public.file_versions, public.share_users to authenticated, service_role;
-- Not granted to anyone: any write but by the calls of the next files. To anon: nothing.

-- Rows as they are read and told: bytes as base64url, without what serves ordering.
create function private.folder_told(folder public.folders) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return to_jsonb(folder) || jsonb_build_object('sealed', private.to_base64url(folder.sealed));
end;
$$;

create function private.file_told(file public.files) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return to_jsonb(file) - '{place,shown,shown_in,last_number,room_since}'::text[]
    || jsonb_build_object('sealed', private.to_base64url(file.sealed), 'hash', private.to_base64url(file.hash));
end;
$$;

create function private.upload_told(upload public.file_versions) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return jsonb_build_object(
    'id', upload.upload_id, 'file_id', upload.file_id, 'number', upload.number, 'bucket', 'files',
    'path', upload.path, 'size', upload.size, 'state', upload.state, 'expires_at', upload.expires_at,
    'created_at', upload.created_at
  );
end;
$$;

create function private.share_user_told(share public.share_users) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return to_jsonb(share);
end;
$$;
grant execute on function
  private.folder_told(public.folders), private.file_told(public.files), private.upload_told(public.file_versions),
  private.share_user_told(public.share_users)
  to authenticated, service_role;

-- What is counted, told and kept in order by itself, as for goals and tasks.
create trigger announce_insert after insert on public.folders
  referencing new table as added
  for each statement execute function private.note_owned();
create trigger announce_update after update on public.folders
  referencing old table as removed new table as added
  for each statement execute function private.note_owned();
create trigger announce_delete after delete on public.folders
  referencing old table as removed
  for each statement execute function private.note_owned();
create trigger limit_insert after insert on public.folders
  referencing new table as added
  for each statement execute function private.check_limits();
create trigger limit_update after update on public.folders
  referencing old table as removed new table as added
  for each statement execute function private.check_limits();
create trigger limit_delete after delete on public.folders
  referencing old table as removed
  for each statement execute function private.check_limits();
create trigger raise_version before update of parent_id, name, sealed, deleted_at on public.folders
  for each row execute function private.raise_version();

create trigger announce_insert after insert on public.files
  referencing new table as added
  for each statement execute function private.note_owned();
create trigger announce_update after update on public.files
  referencing old table as removed new table as added
  for each statement execute function private.note_owned();
create trigger announce_delete after delete on public.files
  referencing old table as removed
  for each statement execute function private.note_owned();
create trigger limit_insert after insert on public.files
  referencing new table as added
  for each statement execute function private.check_limits();
create trigger limit_update after update on public.files
  referencing old table as removed new table as added
  for each statement execute function private.check_limits();
create trigger limit_delete after delete on public.files
  referencing old table as removed
  for each statement execute function private.check_limits();
create trigger raise_version
  before update of folder_id, room_id, name, media_type, sealed, content_version, deleted_at on public.files
  for each row execute function private.raise_version();
create trigger forget_activities after delete on public.files
  referencing old table as removed
  for each statement execute function private.forget_activities();

-- Sharing by name is told to both sides.
create function private.note_shared() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into private.changes (user_id, table_name, operation, row_ids)
    select u.id, 'share_users', 'insert', private.few(array_agg(a.id))
    from added a cross join lateral (values (a.owner_id), (a.user_id)) as u (id) group by u.id;
  else
    insert into private.changes (user_id, table_name, operation, row_ids)
    select u.id, 'share_users', 'delete', private.few(array_agg(r.id))
    from removed r cross join lateral (values (r.owner_id), (r.user_id)) as u (id) group by u.id;
  end if;
  return null;
end;
$$;
create trigger announce_insert after insert on public.share_users
  referencing new table as added
  for each statement execute function private.note_shared();
create trigger announce_delete after delete on public.share_users
  referencing old table as removed
  for each statement execute function private.note_shared();
