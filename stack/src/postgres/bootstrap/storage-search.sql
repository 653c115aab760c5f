-- Schema storage: the two lists that the API offers. Their names, parameters and columns are hosted's.

set role supabase_storage_admin;

-- A name from its `level`-th part on; a folder without the "/" at its end.
create function storage.from_level(name text, level integer) returns text
language sql
immutable
as $$
  select rtrim(array_to_string((string_to_array(name, '/'))[level:], '/'), '/')
$$;

-- A page of a folder by offset: names without their folder, in any case. By time, folders come first. What is
-- searched for may lie folders below.
create function storage.search(
  prefix text,
  bucketname text,
  limits integer default 100,
  levels integer default 1,
  offsets integer default 0,
  search text default '',
  sortcolumn text default 'name',
  sortorder text default 'asc'
) returns table (
  name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb
)
language plpgsql
stable
as $$
declare
  most constant integer := least(coalesce(limits, 100), 1500);
  down constant boolean := lower(coalesce(sortorder, 'asc')) = 'desc';
  below constant text := coalesce(prefix, '') || coalesce(search, '');
  by_time constant text := case lower(coalesce(sortcolumn, 'name'))
    when 'created_at' then 'created_at' when 'updated_at' then 'updated_at'
    when 'last_accessed_at' then 'last_accessed_at' end;
begin
  if by_time is null then
    return query
      select storage.from_level(w.name, levels), w.id, w.updated_at, w.created_at, w.last_accessed_at, w.metadata
      from storage.walk(bucketname, below, '/', '', true, down, most + offsets) w offset offsets;
    return;
  end if;
  return query execute format(
    $sql$
      select storage.from_level(f.name, $3), f.id, case when f.id is not null then f.updated_at end,
        case when f.id is not null then f.created_at end, f.last_accessed_at, f.metadata
      from storage.folders_and_files($1, $2, '/', true) f
      order by f.id is not null, case when f.id is not null then f.%1$I end %2$s, f.name collate "C" %2$s
      limit $4 offset $5
    $sql$,
    by_time, case when down then 'desc' else 'asc' end
  ) using bucketname, below, levels, most, offsets;
end
$$;

-- A page of a folder from behind a name on (a folder with its "/"), and by time from behind that time.
-- An empty delimiter lists files alone, at any depth. What has no time is as old as can be.
create function storage.search_page(
  bucket text, prefix text, delimiter text, most integer, sort_column text, down boolean, after text, after_time text
) returns setof storage.objects
language plpgsql
stable
as $$
begin
  if sort_column not in ('created_at', 'updated_at') then
    return query select * from storage.walk(bucket, prefix, delimiter, after, false, down, most);
    return;
  end if;
  return query execute format(
    $sql$
      select f.* from storage.folders_and_files($1, $2, $3, false) f
      where $5 = '' or (date_trunc('milliseconds', coalesce(f.%1$I, 'epoch')), f.name collate "C") %2$s ($6::timestamptz, $5)
      order by date_trunc('milliseconds', coalesce(f.%1$I, 'epoch')) %3$s, f.name collate "C" %3$s
      limit $4
    $sql$,
    sort_column, case when down then '<' else '>' end, case when down then 'desc' else 'asc' end
  ) using bucket, prefix, delimiter, most, after, nullif(after_time, '');
end
$$;

create function storage.search_v2(
  prefix text,
  bucket_name text,
  limits integer default 100,
  levels integer default 1,
  start_after text default '',
  sort_order text default 'asc',
  sort_column text default 'name',
  sort_column_after text default ''
) returns table (
  key text, name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz,
  metadata jsonb
)
language sql
stable
as $$
  select split_part(p.name, '/', levels), case when p.id is null then left(p.name, -1) else p.name end,
    p.id, p.updated_at, p.created_at, p.last_accessed_at, p.metadata
  from storage.search_page(
    bucket_name, coalesce(prefix, ''), '/', least(coalesce(limits, 100), 1500), lower(coalesce(sort_column, 'name')),
    lower(coalesce(sort_order, 'asc')) = 'desc', coalesce(start_after, ''), coalesce(sort_column_after, '')
  ) p
$$;

reset role;
