-- Uploads: reserve, upload, complete. A reservation takes its bytes from the account's quota and names the one object that
-- may be stored for it; completing it makes it the file's present version. Each call is safe to repeat.

create function private.refuse_file(what text, id uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform private.fail('TK700', 'ACCESS_NOT_FOUND', format('no such %s, or it is not the caller''s', what), what, id::text);
end;
$$;

-- Who puts things into folders, or moves or deletes these, takes turns: one after the other they see each other's work.
create function private.lock_folders() returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtext('folders'), hashtext(auth.uid()::text));
end;
$$;

-- Null is the root, which everybody has.
create function private.require_folder(folder uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if folder is not null and not exists (
    select from public.folders f where f.id = folder and f.owner_id = auth.uid() and f.deleted_at is null
  ) then
    perform private.fail(
      'TK702', 'USAGE_REFERENCE', 'there is no such folder to put it into', 'folder', folder::text,
      'a folder of one''s own that is not in the trash'
    );
  end if;
end;
$$;

create function private.check_size(size bigint) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if size is null or size < 0 then
    perform private.fail('TK001', 'USAGE_INVALID', 'size is missing or negative', 'size', size::text, 'bytes, from 0');
  end if;
  if size > private.file_setting('largest') then
    perform private.fail(
      'TK706', 'LIMIT_SIZE', format('%s bytes are too many for a file', size), 'size', size::text,
      format('at most %s', private.file_setting('largest'))
    );
  end if;
end;
$$;

-- A reservation holds a place of its own: so many at a time.
create function private.check_open_uploads() returns void
  language plpgsql stable set search_path = ''
as $$
declare
  most constant bigint := private.file_setting('open_uploads');
begin
  if (
    select count(*) from public.file_versions v where v.owner_id = auth.uid() and v.state = 'reserved'
  ) >= most then
    perform private.fail(
      'TK706', 'LIMIT_SIZE', format('%s uploads are open', most), 'upload', null, format('at most %s at a time', most),
      'complete or cancel some'
    );
  end if;
end;
$$;

-- What is sealed bears a number that only devices of the owner can check, as one more than that of the seal before it. Two
-- that seal at the same moment would come to the same number: each names the row that it has read, and the later one is
-- refused, to read, seal and try again.
create function private.require_read(stored integer, read integer) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if read is null then
    perform private.fail(
      'TK001', 'USAGE_INVALID', 'what is sealed does not say from which version of the row', 'version', null, stored::text
    );
  end if;
  perform private.require_version(stored, read);
end;
$$;

-- A file's own row, locked; whoever does not own it is told that there is none.
create function private.lock_file(file uuid) returns public.files
  language plpgsql volatile set search_path = ''
as $$
declare
  locked public.files;
begin
  select f.* into locked from public.files f where f.id = file and f.owner_id = auth.uid() for no key update;
  if locked.id is null then
    perform private.refuse_file('file', file);
  end if;
  return locked;
end;
$$;

create function private.require_ready(file public.files) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if file.state <> 'ready' then
    perform private.fail(
      'TK705', 'FILE_INCOMPLETE', 'the file has not been uploaded yet', 'file', file.id::text, 'a file that is complete'
    );
  end if;
end;
$$;

create function private.uploaded(file uuid, upload uuid) returns jsonb
  language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object(
    'file', (select private.file_told(f) from public.files f where f.id = file),
    'upload', (select private.upload_told(v) from public.file_versions v where v.upload_id = upload)
  );
end;
$$;

create function private.reserved_until() returns timestamptz
  language sql stable set search_path = ''
  return now() + make_interval(hours => private.file_setting('reservation_hours')::integer);

-- Whether a file that is there is what is being reserved. What may have changed since is not compared.
create function private.is_same_reservation(wanted public.files) returns boolean
  language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.files f join public.file_versions v on v.upload_id = f.id
    where f.id = wanted.id and f.owner_id = wanted.owner_id and f.encrypted = wanted.encrypted
      and f.attachment = wanted.attachment and v.size = wanted.size
      and (f.state = 'ready' or f.name is not distinct from wanted.name)
  );
end;
$$;

create function private.reserve_file(wanted public.files, info text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  perform private.rate_limit('reserve_upload', 5000, interval '1 hour');
  if wanted.id is null or wanted.encrypted is null or wanted.attachment is null then
    perform private.fail('TK001', 'USAGE_INVALID', 'id, encrypted or attachment is missing', 'id', null, 'all three');
  end if;
  wanted.owner_id := auth.uid();
  wanted.sealed := private.from_base64url(info, 'sealed', 20480);
  if not private.is_same_reservation(wanted) then
    perform private.check_size(wanted.size);
    -- Also without a folder: no file comes to an account that is going, after those that it has taken (hold_files).
    perform private.lock_folders();
    perform private.require_folder(wanted.folder_id);
    perform private.check_open_uploads();
    insert into public.files (id, owner_id, folder_id, attachment, encrypted, name, media_type, sealed, size)
    values (
      wanted.id, wanted.owner_id, wanted.folder_id, wanted.attachment, wanted.encrypted, wanted.name,
      wanted.media_type, wanted.sealed, wanted.size
    )
    on conflict on constraint files_pkey do nothing;
    -- Only now: the insert waits for whoever is letting go of a file of this id, and then its bytes are on their way out.
    if found and not exists (select from private.removals r where r.file_id = wanted.id) then
      insert into public.file_versions (file_id, number, owner_id, upload_id, size, sealed, expires_at)
      values (wanted.id, 1, wanted.owner_id, wanted.id, wanted.size, wanted.sealed, private.reserved_until());
    elsif not private.is_same_reservation(wanted) then
      perform private.fail(
        'TK005', 'CONFLICT_ID', format('file %s is there already with other content, or was', wanted.id), 'id',
        wanted.id::text, 'a new id, or the content that was sent with it first'
      );
    end if;
  end if;
  return private.uploaded(wanted.id, wanted.id);
end;
$$;

create function public.reserve_file(
  id uuid, size bigint, encrypted boolean default true, folder uuid default null, name text default null,
  media_type text default null, sealed text default null, attachment boolean default false
) returns jsonb
  language plpgsql volatile set search_path = ''
as $$
declare
  wanted public.files;
begin
  wanted.id := reserve_file.id;
  wanted.size := reserve_file.size;
  wanted.encrypted := reserve_file.encrypted;
  wanted.folder_id := folder;
  wanted.name := reserve_file.name;
  wanted.media_type := reserve_file.media_type;
  wanted.attachment := reserve_file.attachment;
  return private.reserve_file(wanted, reserve_file.sealed);
end;
$$;
comment on function public.reserve_file(uuid, bigint, boolean, uuid, text, text, text, boolean) is
  'Takes room for a new file and says where its bytes go: {file, upload}. Safe to repeat with the same id.';

-- The next version of a file, under a number that no other gets.
create function private.reserve_version(file uuid, upload uuid, size bigint, sealed text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  info constant bytea := private.from_base64url(sealed, 'sealed', 20480);
  known public.file_versions;
  locked public.files;
begin
  perform private.require_live();
  perform private.rate_limit('reserve_upload', 5000, interval '1 hour');
  perform private.check_size(size);
  if upload is null then
    perform private.fail('TK001', 'USAGE_INVALID', 'upload is missing', 'upload', null, 'an id made for it');
  end if;
  locked := private.lock_file(file);
  select v.* into known from public.file_versions v where v.upload_id = upload;
  if known.file_id = file and known.size = reserve_version.size then
    return private.uploaded(file, upload);
  end if;
  if known.file_id is not null then
    perform private.fail('TK005', 'CONFLICT_ID', 'another upload has this id', 'upload', upload::text, 'an id of its own');
  end if;
  perform private.require_ready(locked);
  perform private.check_open_uploads();
  update public.files f set last_number = f.last_number + 1 where f.id = file;
  insert into public.file_versions (file_id, number, owner_id, upload_id, size, sealed, expires_at)
  values (file, locked.last_number + 1, locked.owner_id, upload, reserve_version.size, info, private.reserved_until());
  return private.uploaded(file, upload);
end;
$$;

create function public.reserve_version(file uuid, upload uuid, size bigint, sealed text default null) returns jsonb
  language sql volatile set search_path = ''
  return private.reserve_version(file, upload, size, sealed);
comment on function public.reserve_version(uuid, uuid, bigint, text) is
  'Takes room for the next version of a file: {file, upload}. Safe to repeat with the same upload id.';

-- An own upload, its file's row locked before its own.
create function private.lock_upload(upload uuid) returns public.file_versions
  language plpgsql volatile set search_path = ''
as $$
declare
  locked public.file_versions;
begin
  perform private.lock_file(v.file_id) from public.file_versions v where v.upload_id = upload and v.owner_id = auth.uid();
  select v.* into locked from public.file_versions v
  where v.upload_id = upload and v.owner_id = auth.uid() for no key update;
  if locked.file_id is null then
    perform private.refuse_file('upload', upload);
  end if;
  return locked;
end;
$$;

-- Refuses an upload whose bytes are not all there: only storage knows.
create function private.require_stored(upload public.file_versions) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  stored bigint;
begin
  select (o.metadata ->> 'size')::bigint into stored from storage.objects o
  where o.bucket_id = 'files' and o.name = upload.path;
  if stored is distinct from upload.size then
    perform private.fail(
      'TK705', 'FILE_INCOMPLETE', format('%s of %s bytes are stored', coalesce(stored, 0), upload.size),
      'upload', upload.upload_id::text, 'all bytes stored at its path'
    );
  end if;
end;
$$;

-- Takes versions away that are more than are kept: the oldest, never the present one.
create function private.prune_versions(file public.files) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  delete from public.file_versions v
  where v.file_id = file.id and v.number in (
    select w.number from public.file_versions w
    where w.file_id = file.id and w.state = 'ready' and w.number <> file.content_version
    order by w.number desc offset private.file_setting('versions') - 1
  );
end;
$$;

create function private.complete_upload(upload uuid, hash text, sealed text, media_type text, read integer) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  digest constant bytea := private.from_base64url(hash, 'hash', 32);
  info constant bytea := private.from_base64url(sealed, 'sealed', 20480);
  done public.file_versions;
  file public.files;
begin
  perform private.require_live();
  done := private.lock_upload(upload);
  if done.state = 'ready' then
    if done.hash is distinct from digest then
      perform private.fail('TK005', 'CONFLICT_ID', 'this upload was completed with another hash', 'hash', null, 'the same');
    end if;
    return private.uploaded(done.file_id, upload);
  end if;
  perform private.require_stored(done);
  if done.number > 1 and coalesce(info, done.sealed) is not null then
    perform private.require_read(f.version, read) from public.files f where f.id = done.file_id and f.encrypted;
  end if;
  update public.file_versions v
  set state = 'ready', hash = digest, sealed = coalesce(info, v.sealed), expires_at = null, completed_at = now()
  where v.upload_id = upload returning * into done;
  -- One that was begun before the present version and took longer is kept, and not present.
  update public.files f
  set state = 'ready', content_version = done.number, size = done.size, hash = done.hash, uploaded_at = now(),
    sealed = case when f.encrypted then done.sealed end, media_type = coalesce(complete_upload.media_type, f.media_type)
  where f.id = done.file_id and not exists (
    select from public.file_versions v where v.file_id = done.file_id and v.state = 'ready' and v.number > done.number
  )
  returning * into file;
  if file.id is not null then
    perform private.log_file(file, case when done.number = 1 then 'file.created' else 'file.updated' end);
  end if;
  perform private.prune_versions(f) from public.files f where f.id = done.file_id;
  return private.uploaded(done.file_id, upload);
end;
$$;

create function public.complete_upload(
  upload uuid, hash text default null, sealed text default null, media_type text default null, version integer default null
) returns jsonb
  language sql volatile set search_path = ''
  return private.complete_upload(upload, hash, sealed, media_type, version);
comment on function public.complete_upload(uuid, text, text, text, integer) is
  'Makes an upload whose bytes are stored the file''s present version: {file, upload}. What is sealed for a second one or a later names the row''s version that it was made from. Safe to repeat.';

create function private.cancel_upload(upload uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  known public.file_versions;
begin
  perform private.require_live();
  -- Locked as lock_upload() does; another device may have given it up meanwhile, which is no error.
  perform from public.files f join public.file_versions v on v.file_id = f.id
  where v.upload_id = upload and v.owner_id = auth.uid() for no key update of f;
  select v.* into known from public.file_versions v
  where v.upload_id = upload and v.owner_id = auth.uid() for no key update;
  if known.file_id is null or known.state = 'ready' then
    return false;
  end if;
  perform private.lock_holdings(array[auth.uid()]);
  delete from public.files f where f.id = known.file_id and f.state = 'reserved';
  delete from public.file_versions v where v.upload_id = upload;
  return true;
end;
$$;

create function public.cancel_upload(upload uuid) returns boolean
  language sql volatile set search_path = ''
  return private.cancel_upload(upload);
comment on function public.cancel_upload(uuid) is
  'Gives a reservation up, and what was stored for it; false when there is none.';

-- A line in the feed of activities; it never holds a name.
create function private.log_file(file public.files, kind text) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if not file.attachment then
    insert into public.activities (user_id, actor_id, kind, entity, entity_id)
    values (file.owner_id, auth.uid(), log_file.kind, 'file', file.id);
  end if;
end;
$$;

grant execute on function
  private.reserve_file(public.files, text),
  public.reserve_file(uuid, bigint, boolean, uuid, text, text, text, boolean),
  private.reserve_version(uuid, uuid, bigint, text), public.reserve_version(uuid, uuid, bigint, text),
  private.complete_upload(uuid, text, text, text, integer), public.complete_upload(uuid, text, text, text, integer),
  private.cancel_upload(uuid), public.cancel_upload(uuid)
  to authenticated;
