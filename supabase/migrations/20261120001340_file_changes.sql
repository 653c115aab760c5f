-- Changes of files: names, folders, the trash, versions, and the rooms that they are attached to.

-- The name and the sealed info of a file and of its present version.
create function private.rename_file(file uuid, changes jsonb) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  info constant bytea := private.from_base64url(changes ->> 'sealed', 'sealed', 20480);
begin
  update public.files f
  set name = case when changes ? 'name' then changes ->> 'name' else f.name end,
    media_type = case when changes ? 'media_type' then changes ->> 'media_type' else f.media_type end,
    sealed = case when changes ? 'sealed' then info else f.sealed end
  where f.id = file;
  if changes ? 'sealed' then
    update public.file_versions v set sealed = info
    from public.files f where f.id = file and v.file_id = file and v.number = f.content_version;
  end if;
end;
$$;

-- Into the trash, where nobody else reads it, or out of it, to where it was or to the root.
create function private.trash_file(file public.files, wanted boolean) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform private.require_ready(file);
  if wanted = (file.deleted_at is not null) then
    return;
  end if;
  update public.files f
  set deleted_at = case when wanted then now() end,
    folder_id = case when wanted or exists (
      select from public.folders p where p.id = f.folder_id and p.deleted_at is null
    ) then f.folder_id end
  where f.id = file.id;
  perform private.log_file(file, case when wanted then 'file.deleted' else 'file.restored' end);
end;
$$;

create function private.change_file(file uuid, changes jsonb, expected integer) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.files;
  target uuid;
begin
  perform private.require_live();
  perform private.check_changes(changes, '{name,media_type,sealed,folder_id,trashed}');
  if changes ?| '{folder_id,trashed}' then
    perform private.lock_folders();
  end if;
  locked := private.lock_file(file);
  perform private.require_version(locked.version, expected);
  if changes ? 'sealed' and locked.encrypted then
    perform private.require_read(locked.version, expected);
  end if;
  if changes ?| '{name,media_type,sealed}' then
    perform private.rename_file(file, changes);
  end if;
  if changes ? 'trashed' then
    perform private.trash_file(locked, (changes -> 'trashed')::boolean);
  end if;
  if changes ? 'folder_id' then
    target := private.uuid_of(changes ->> 'folder_id', 'folder_id');
    perform private.require_folder(target);
    update public.files f set folder_id = target where f.id = file;
  end if;
  if changes ?| '{name,media_type,sealed,folder_id}' then
    perform private.log_file(locked, 'file.updated');
  end if;
  return (select private.file_told(f) from public.files f where f.id = file);
end;
$$;

create function public.change_file(id uuid, changes jsonb, version integer default null) returns jsonb
  language sql volatile set search_path = ''
  return private.change_file(id, changes, version);
comment on function public.change_file(uuid, jsonb, integer) is
  'Renames, moves, deletes (trashed: true) or restores an own file; the file. What is sealed names the version that it was made from.';

-- Sealed info of older versions, sealed anew: [{number, sealed}].
create function private.reseal_versions(file uuid, items jsonb, read integer) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.files;
  item jsonb;
  info bytea;
  n integer := 0;
begin
  perform private.require_live();
  if jsonb_typeof(items) is distinct from 'array' or jsonb_array_length(items) > 100 then
    perform private.refuse_bytes('items', 'a list of at most 100 of {number, sealed}');
  end if;
  locked := private.lock_file(file);
  perform private.require_read(locked.version, read);
  for item in select value from jsonb_array_elements(items) loop
    if jsonb_typeof(item -> 'number') is distinct from 'number' or jsonb_typeof(item -> 'sealed') is distinct from 'string' then
      perform private.refuse_bytes('items', 'objects {number, sealed}');
    end if;
    info := private.from_base64url(item ->> 'sealed', 'sealed', 20480);
    update public.file_versions v set sealed = info
    where v.file_id = file and v.number = (item ->> 'number')::numeric;
    n := n + found::integer;
    update public.files f set sealed = info
    where f.id = file and f.encrypted and f.content_version = (item ->> 'number')::numeric;
  end loop;
  return n;
end;
$$;

create function public.reseal_versions(file uuid, items jsonb, version integer) returns integer
  language sql volatile set search_path = ''
  return private.reseal_versions(file, items, version);
comment on function public.reseal_versions(uuid, jsonb, integer) is
  'Replaces the sealed info of versions of an own file, made from this version of its row; of how many.';

-- Erases own files that are in the trash.
create function private.purge_files(ids uuid[]) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  gone integer;
begin
  perform private.require_live();
  if cardinality(ids) > 100 then
    perform private.refuse_bytes('ids', 'a list of at most 100');
  end if;
  perform from public.files f where f.id = any (ids) and f.owner_id = auth.uid() order by f.id for update;
  delete from public.files f where f.id = any (ids) and f.owner_id = auth.uid() and f.deleted_at is not null;
  get diagnostics gone = row_count;
  return gone;
end;
$$;

create function public.purge_files(ids uuid[]) returns integer
  language sql volatile set search_path = ''
  return private.purge_files(ids);
comment on function public.purge_files(uuid[]) is 'Erases own files that are in the trash; how many.';

-- Makes a version that is kept the present one.
create function private.restore_version(file uuid, number integer) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.files;
  kept public.file_versions;
begin
  perform private.require_live();
  locked := private.lock_file(file);
  select v.* into kept from public.file_versions v
  where v.file_id = file and v.number = restore_version.number and v.state = 'ready';
  if kept.file_id is null then
    perform private.refuse_file('version', file);
  end if;
  if locked.content_version <> number then
    update public.files f
    set content_version = kept.number, size = kept.size, hash = kept.hash, uploaded_at = kept.completed_at,
      sealed = case when f.encrypted then kept.sealed end
    where f.id = file;
    perform private.log_file(locked, 'file.updated');
  end if;
  return (select private.file_told(f) from public.files f where f.id = file);
end;
$$;

create function public.restore_version(file uuid, number integer) returns jsonb
  language sql volatile set search_path = ''
  return private.restore_version(file, number);
comment on function public.restore_version(uuid, integer) is 'Makes a kept version of an own file its present one; the file.';

-- Shows a file to the members of a room that its owner is in, from its present version on.
create function private.attach_file(file uuid, room uuid) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.files;
begin
  perform private.require_live();
  locked := private.lock_file(file);
  perform private.require_ready(locked);
  if locked.room_id is distinct from room then
    if locked.room_id is not null then
      perform private.fail(
        'TK702', 'USAGE_REFERENCE', 'the file is attached to another room', 'room', room::text, 'a file of its own'
      );
    end if;
    if room is null or not exists (
      select from public.room_members m where m.room_id = room and m.user_id = auth.uid() and m.left_at is null
    ) then
      perform private.refuse_room(room);
    end if;
    update public.files f set room_id = room, room_since = f.content_version where f.id = file;
  end if;
  return (select private.file_told(f) from public.files f where f.id = file);
end;
$$;

create function public.attach_file(file uuid, room uuid) returns jsonb
  language sql volatile set search_path = ''
  return private.attach_file(file, room);
comment on function public.attach_file(uuid, uuid) is
  'Lets the members of one of the caller''s rooms read an own file; the file. Before the message that names it.';

create function private.detach_file(file uuid) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  perform private.lock_file(file);
  update public.files f set room_id = null, room_since = null where f.id = file and f.room_id is not null;
  return (select private.file_told(f) from public.files f where f.id = file);
end;
$$;

create function public.detach_file(file uuid) returns jsonb
  language sql volatile set search_path = ''
  return private.detach_file(file);
comment on function public.detach_file(uuid) is 'Takes an own file back from its room; the file.';

grant execute on function
  private.change_file(uuid, jsonb, integer), public.change_file(uuid, jsonb, integer),
  private.reseal_versions(uuid, jsonb, integer), public.reseal_versions(uuid, jsonb, integer),
  private.purge_files(uuid[]), public.purge_files(uuid[]),
  private.restore_version(uuid, integer), public.restore_version(uuid, integer),
  private.attach_file(uuid, uuid), public.attach_file(uuid, uuid),
  private.detach_file(uuid), public.detach_file(uuid)
  to authenticated;
