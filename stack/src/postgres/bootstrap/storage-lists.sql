-- Schema storage: what is in a folder. Folders are no rows: they are the beginnings that names share up to a "/".
-- All of these run with the caller's rights, so that policies decide what is seen. Those called search and
-- list_objects_with_delimiter have hosted's signatures; the other ones are their parts.

set role supabase_storage_admin;

-- The folder below a prefix that a name lies in, with its "/" at the end; null: the name lies there itself.
create function storage.get_common_prefix(p_key text, p_prefix text, p_delimiter text) returns text
language sql
immutable
as $$
  select case when p_delimiter <> '' and position(p_delimiter in substr(p_key, length(p_prefix) + 1)) > 0
    then p_prefix || split_part(substr(p_key, length(p_prefix) + 1), p_delimiter, 1) || p_delimiter end
$$;

-- Files and folders (with their "/", and no id) below a prefix in the order of bytes, at most `most`, from behind a
-- file or folder on. It reads an index in pages and steps over what lies in a folder that it has named: a list costs
-- what it shows, and not what is stored. `fold`: without regard to case.
create function storage.walk(
  bucket text, prefix text, delimiter text, after text, fold boolean, down boolean, most integer
) returns setof storage.objects
language plpgsql
stable
as $$
declare
  page constant text := format(
    'select * from storage.objects x
     where x.bucket_id = $1 and %1$s >= $2 and %1$s < $2 || chr(1114111) and (%1$s, x.name collate "C") %2$s ($3, $4)
     order by %1$s %3$s, x.name collate "C" %3$s limit 500',
    case when fold then 'lower(x.name) collate "C"' else 'x.name collate "C"' end,
    case when down then '<' else '>' end,
    case when down then 'desc' else 'asc' end
  );
  start constant text := case when fold then lower(prefix) else prefix end;
  -- Greater than everything that begins with what it is put behind.
  past constant text := chr(1114111);
  -- What the next page begins behind: the key, and for equal keys the name.
  edge text := after;
  edge_name text := after;
  key text;
  folder text;
  named text;
  seen integer;
  shown integer := 0;
  o storage.objects;
begin
  if after = '' then
    edge := case when down then start || past else start end;
  elsif delimiter <> '' and right(after, 1) = delimiter then
    edge := case when down then after else after || past end;
    edge_name := '';
  end if;
  while shown < most loop
    seen := 0;
    for o in execute page using bucket, start, edge, edge_name loop
      seen := seen + 1;
      edge := case when fold then lower(o.name) else o.name end;
      edge_name := o.name;
      folder := storage.get_common_prefix(edge, start, delimiter);
      continue when folder = named;
      named := folder;
      if folder is not null then
        key := left(o.name, length(folder));
        o := null;
        o.name := key;
      end if;
      return next o;
      shown := shown + 1;
      exit when shown >= most;
    end loop;
    exit when seen < 500;
    if folder is not null then
      edge := case when down then folder else folder || past end;
      edge_name := '';
    end if;
  end loop;
end
$$;

-- The same without an order: for lists by time, which have to look at everything below the prefix anyway.
-- A folder is as old as the oldest file in it.
create function storage.folders_and_files(bucket text, prefix text, delimiter text, fold boolean)
returns setof storage.objects
language sql
stable
as $$
  with below as (
    select x as o, storage.get_common_prefix(x.name, prefix, delimiter) as folder from storage.objects x
    where x.bucket_id = bucket
      and case when fold then starts_with(lower(x.name), lower(prefix)) else starts_with(x.name, prefix) end
  )
  select (o).* from below where folder is null
  union all
  select (jsonb_populate_record(null::storage.objects, jsonb_build_object(
    'name', folder, 'created_at', min((o).created_at), 'updated_at', min((o).created_at)
  ))).* from below where folder is not null group by folder
$$;

create function storage.list_objects_with_delimiter(
  _bucket_id text,
  prefix_param text,
  delimiter_param text,
  max_keys integer default 100,
  start_after text default '',
  next_token text default '',
  sort_order text default 'asc'
) returns table (
  name text, id uuid, metadata jsonb, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz
)
language sql
stable
as $$
  select case when w.id is null then left(w.name, -1) else w.name end,
    w.id, w.metadata, w.updated_at, w.created_at, w.last_accessed_at
  from storage.walk(
    _bucket_id, coalesce(prefix_param, ''), delimiter_param, coalesce(nullif(next_token, ''), start_after, ''),
    false, lower(sort_order) = 'desc', max_keys
  ) w
$$;

reset role;
