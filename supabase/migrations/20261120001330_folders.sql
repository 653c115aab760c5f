-- Folders: made, moved, deleted and restored with what is in them. All of it takes turns per owner (lock_folders), so that
-- no circle, no depth and no lost file comes of two moves at once.

-- A folder and all that are below it.
create function private.folders_below(folder uuid) returns uuid[]
  language sql stable set search_path = ''
  return (
    with recursive below (id) as (
      select folder
      union
      select f.id from public.folders f join below b on f.parent_id = b.id
    )
    select array_agg(b.id) from below b
  );

create function private.check_depth(depth integer) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if depth > private.file_setting('depth') then
    perform private.fail(
      'TK704', 'USAGE_DEPTH', format('folders would stand %s deep', depth), 'parent_id', depth::text,
      format('at most %s levels', private.file_setting('depth'))
    );
  end if;
end;
$$;

-- Depth below a parent that may be used.
create function private.depth_below(parent uuid) returns integer
  language plpgsql volatile set search_path = ''
as $$
begin
  perform private.require_folder(parent);
  return 1 + coalesce((select f.depth from public.folders f where f.id = parent), 0);
end;
$$;

create function private.create_folder(id uuid, parent uuid, name text, sealed text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  info constant bytea := private.from_base64url(sealed, 'sealed', 20480);
  made public.folders;
begin
  perform private.require_live();
  perform private.rate_limit('create_folder', 2000, interval '1 hour');
  perform private.lock_folders();
  select f.* into made from public.folders f where f.id = create_folder.id;
  if made.id is null then
    made.depth := private.depth_below(parent);
    perform private.check_depth(made.depth);
    insert into public.folders (id, owner_id, parent_id, depth, name, sealed)
    values (create_folder.id, auth.uid(), parent, made.depth, create_folder.name, info)
    on conflict on constraint folders_pkey do nothing returning * into made;
  end if;
  -- None at all, where somebody else was making one of this id.
  if made.owner_id is distinct from auth.uid() or made.parent_id is distinct from parent
    or made.name is distinct from create_folder.name or made.sealed is distinct from info
  then
    perform private.fail(
      'TK005', 'CONFLICT_ID', format('folder %s is there already with other content', id), 'id', id::text,
      'a new id, or the content that was sent with it first'
    );
  end if;
  return private.folder_told(made);
end;
$$;

create function public.create_folder(
  id uuid, parent uuid default null, name text default null, sealed text default null
) returns jsonb
  language sql volatile set search_path = ''
  return private.create_folder(id, parent, name, sealed);
comment on function public.create_folder(uuid, uuid, text, text) is
  'Makes a folder, with a plain name or a sealed one. Safe to repeat with the same id.';

-- An own folder, locked.
create function private.lock_folder(folder uuid) returns public.folders
  language plpgsql volatile set search_path = ''
as $$
declare
  locked public.folders;
begin
  select f.* into locked from public.folders f where f.id = folder and f.owner_id = auth.uid() for no key update;
  if locked.id is null then
    perform private.refuse_file('folder', folder);
  end if;
  return locked;
end;
$$;

create function private.require_version(stored integer, expected integer) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if stored <> expected then
    perform private.fail(
      'TK701', 'CONFLICT_VERSION', format('the row is at version %s', stored), 'version', expected::text, stored::text
    );
  end if;
end;
$$;

-- Refuses what a call for changes cannot read.
create function private.check_changes(changes jsonb, known text[]) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if jsonb_typeof(changes) is distinct from 'object' then
    perform private.fail('TK001', 'USAGE_INVALID', 'changes is no object', 'changes', null, 'a JSON object');
  end if;
  perform private.refuse_unknown_keys(changes, known, 'changes');
  if changes ? 'trashed' and jsonb_typeof(changes -> 'trashed') <> 'boolean' then
    perform private.fail('TK001', 'USAGE_INVALID', 'trashed is neither true nor false', 'trashed', null, 'true or false');
  end if;
end;
$$;

create function private.uuid_of(value text, field text) returns uuid
  language plpgsql immutable set search_path = ''
as $$
begin
  if value is not null and not pg_input_is_valid(value, 'uuid') then
    perform private.fail('TK001', 'USAGE_INVALID', format('%s is no id', field), field, value, 'a UUID');
  end if;
  return value::uuid;
end;
$$;

-- Puts a folder elsewhere, with all that is below it.
create function private.move_folder(folder public.folders, parent uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  below constant uuid[] := private.folders_below(folder.id);
  level integer;
begin
  if parent = any (below) then
    perform private.fail(
      'TK703', 'USAGE_CYCLE', 'the folder would stand in itself', 'parent_id', parent::text,
      'a folder that is not below this one'
    );
  end if;
  level := private.depth_below(parent);
  perform private.check_depth(
    (select max(f.depth) from public.folders f where f.id = any (below)) - folder.depth + level
  );
  update public.folders f set parent_id = parent where f.id = folder.id;
  update public.folders f set depth = f.depth - folder.depth + level
  where f.id = any (below) and folder.depth <> level;
end;
$$;

-- Rows of files are locked in the order of their ids, by whoever locks several.
create function private.lock_files_in(folders uuid[]) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform from public.files f where f.folder_id = any (folders) order by f.id for update;
end;
$$;

-- Into the trash, with all that is in it; uploads under way go to the root.
create function private.trash_folder(folder public.folders) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  below constant uuid[] := private.folders_below(folder.id);
begin
  perform private.lock_files_in(below);
  update public.files f set folder_id = null where f.folder_id = any (below) and f.state = 'reserved';
  update public.files f set deleted_at = now() where f.folder_id = any (below) and f.deleted_at is null;
  update public.folders f set deleted_at = now() where f.id = any (below) and f.deleted_at is null;
end;
$$;

-- Out of the trash, with what went there with it: what had been deleted before stays so.
create function private.restore_folder(folder public.folders) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  below constant uuid[] := private.folders_below(folder.id);
begin
  perform private.lock_files_in(below);
  update public.folders f set deleted_at = null where f.id = any (below) and f.deleted_at = folder.deleted_at;
  update public.files f set deleted_at = null where f.folder_id = any (below) and f.deleted_at = folder.deleted_at;
  if exists (select from public.folders p where p.id = folder.parent_id and p.deleted_at is not null) then
    perform private.move_folder(folder, null);
  end if;
end;
$$;

create function private.change_folder(folder uuid, changes jsonb, expected integer) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.folders;
begin
  perform private.require_live();
  perform private.check_changes(changes, '{name,sealed,parent_id,trashed}');
  perform private.lock_folders();
  locked := private.lock_folder(folder);
  perform private.require_version(locked.version, expected);
  if changes ?| '{name,sealed}' then
    update public.folders f
    set name = case when changes ? 'name' then changes ->> 'name' when changes ? 'sealed' then null else f.name end,
      sealed = case
        when changes ? 'sealed' then private.from_base64url(changes ->> 'sealed', 'sealed', 20480)
        when changes ? 'name' then null
        else f.sealed
      end
    where f.id = folder;
  end if;
  if changes -> 'trashed' = 'true' and locked.deleted_at is null then
    perform private.trash_folder(locked);
  elsif changes -> 'trashed' = 'false' and locked.deleted_at is not null then
    perform private.restore_folder(locked);
  end if;
  if changes ? 'parent_id' then
    select f.* into locked from public.folders f where f.id = folder;
    perform private.move_folder(locked, private.uuid_of(changes ->> 'parent_id', 'parent_id'));
  end if;
  return (select private.folder_told(f) from public.folders f where f.id = folder);
end;
$$;

create function public.change_folder(id uuid, changes jsonb, version integer default null) returns jsonb
  language sql volatile set search_path = ''
  return private.change_folder(id, changes, version);
comment on function public.change_folder(uuid, jsonb, integer) is
  'Renames, moves, deletes (trashed: true) or restores an own folder, with what is in it; the folder.';

-- Erases an own folder that is in the trash, and all that is in it.
create function private.purge_folder(folder uuid) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.folders;
  gone integer;
begin
  perform private.require_live();
  perform private.lock_folders();
  locked := private.lock_folder(folder);
  if locked.deleted_at is null then
    perform private.refuse_file('folder in the trash', folder);
  end if;
  perform private.lock_files_in(private.folders_below(folder));
  delete from public.files f where f.folder_id = any (private.folders_below(folder)) and f.deleted_at is not null;
  get diagnostics gone = row_count;
  delete from public.folders f where f.id = folder;
  return gone + 1;
end;
$$;

create function public.purge_folder(id uuid) returns integer
  language sql volatile set search_path = ''
  return private.purge_folder(id);
comment on function public.purge_folder(uuid) is
  'Erases an own folder that is in the trash, with the files and folders in it; how many files, and itself.';

create function public.folders_page(after uuid default null, "limit" integer default 500) returns jsonb
  language sql stable set search_path = ''
  return (
    select coalesce(jsonb_agg(private.folder_told(f) order by f.id), '[]') from (
      select * from public.folders f
      where f.owner_id = (select auth.uid()) and (after is null or f.id > after)
      order by f.id limit least(greatest("limit", 1), 500)
    ) f
  );
comment on function public.folders_page(uuid, integer) is 'The caller''s folders, those in the trash too, in the order of their ids.';

grant execute on function
  private.create_folder(uuid, uuid, text, text), public.create_folder(uuid, uuid, text, text),
  private.change_folder(uuid, jsonb, integer), public.change_folder(uuid, jsonb, integer),
  private.purge_folder(uuid), public.purge_folder(uuid), public.folders_page(uuid, integer)
  to authenticated;
