-- Reading files: lists by keyset, with the rights of whoever asks, bytes as base64url.

-- Rows of a page: 100 unless told, 500 at most.
create function private.page_size(most integer) returns integer
  language sql immutable set search_path = ''
  return least(greatest(coalesce(most, 100), 1), 500);

-- What a list holds: see files_page. Past the policy, which says whose a file is: told that of what lies in a folder,
-- Postgres takes the index of owners, and drops most of what it reads.
create function private.files_of(
  scope text, folder uuid, before timestamptz, before_id uuid, most integer
) returns setof public.files
  language plpgsql stable security definer set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  at constant timestamptz := coalesce(before, 'infinity');
  below constant uuid := coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if not private.is_live() then
    return;
  end if;
  case scope
    when 'folder' then
      -- What lies in one's own folder is one's own.
      if folder is not null and not exists (select from public.folders d where d.id = folder and d.owner_id = me) then
        return;
      end if;
      return query select f.* from public.files f
        where f.place = coalesce(folder, me) and f.deleted_at is null and f.state = 'ready'
          and not f.attachment and (f.created_at, f.id) < (at, below)
        order by f.created_at desc, f.id desc limit most;
    when 'all', 'attachments' then
      return query select f.* from public.files f
        where f.owner_id = me and f.deleted_at is null and f.state = 'ready'
          and f.attachment = (scope = 'attachments') and (f.created_at, f.id) < (at, below)
        order by f.created_at desc, f.id desc limit most;
    when 'trash' then
      return query select f.* from public.files f
        where f.owner_id = me and f.deleted_at is not null and (f.deleted_at, f.id) < (at, below)
        order by f.deleted_at desc, f.id desc limit most;
    when 'export' then
      return query select f.* from public.files f
        where f.owner_id = me and (f.created_at, f.id) < (at, below)
        order by f.created_at desc, f.id desc limit most;
    else
      perform private.fail(
        'TK001', 'USAGE_INVALID', 'there is no such list', 'scope', scope, 'folder, all, trash, attachments or export'
      );
  end case;
end;
$$;

create function public.files_page(
  scope text, folder uuid default null, before timestamptz default null, before_id uuid default null,
  "limit" integer default 100
) returns jsonb
  language sql stable set search_path = ''
  return (
    select coalesce(jsonb_agg(private.file_told(f)), '[]')
    from private.files_of(scope, folder, before, before_id, private.page_size("limit")) f
  );
comment on function public.files_page(text, uuid, timestamptz, uuid, integer) is
  'The caller''s files, newest first: folder, all, trash, attachments, export. Next page: before the last row''s time and id.';

-- A file as the caller may see it: of somebody else's, nothing of where they keep it, nor of a room that is none of `rooms`.
create function private.file_shown(file public.files, rooms uuid[]) returns jsonb
  language plpgsql stable set search_path = ''
as $$
begin
  if file.owner_id = auth.uid() then
    return private.file_told(file);
  end if;
  return private.file_told(file) || jsonb_build_object(
    'folder_id', null, 'room_id', case when file.room_id = any (rooms) then file.room_id end
  );
end;
$$;

-- One's own, what others share with one, and what was sent in one's rooms.
create function private.read_files(ids uuid[]) returns jsonb
  language plpgsql stable security definer set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  rooms constant uuid[] := private.my_rooms();
begin
  if not private.is_live() then
    return '[]';
  end if;
  if cardinality(ids) > 100 then
    perform private.fail(
      'TK706', 'LIMIT_SIZE', 'too many ids', 'ids', cardinality(ids)::text, 'at most 100'
    );
  end if;
  return (
    select coalesce(jsonb_agg(private.file_shown(f, rooms) order by f.id), '[]')
    from public.files f
    where f.id = any (ids) and (
      f.owner_id = me
        or f.shown and exists (select from public.share_users s where s.file_id = f.id and s.user_id = me)
        or f.shown_in = any (rooms)
    )
  );
end;
$$;

create function public.read_files(ids uuid[]) returns jsonb
  language sql stable set search_path = ''
  return private.read_files(ids);
comment on function public.read_files(uuid[]) is 'Files that the caller may read, of those that are asked for.';

create function public.file_versions_of(file uuid) returns jsonb
  language sql stable set search_path = '' set timezone = 'UTC'
  return (
    select coalesce(jsonb_agg(
      to_jsonb(v) - '{owner_id,file_id,path}'::text[]
        || jsonb_build_object('sealed', private.to_base64url(v.sealed), 'hash', private.to_base64url(v.hash))
      order by v.number desc
    ), '[]')
    from public.file_versions v where v.file_id = file
  );
comment on function public.file_versions_of(uuid) is 'Versions of an own file, the latest first.';

create function public.my_uploads() returns jsonb
  language sql stable set search_path = ''
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object('file', private.file_told(f), 'upload', private.upload_told(v)) order by v.created_at
    ), '[]')
    from public.file_versions v join public.files f on f.id = v.file_id
    where v.owner_id = (select auth.uid()) and v.state = 'reserved'
  );
comment on function public.my_uploads() is 'The caller''s reservations that wait for their bytes: [{file, upload}], the oldest first.';

grant execute on function
  private.page_size(integer), private.files_of(text, uuid, timestamptz, uuid, integer),
  public.files_page(text, uuid, timestamptz, uuid, integer), private.read_files(uuid[]), public.read_files(uuid[]),
  public.file_versions_of(uuid), public.my_uploads()
  to authenticated;
