-- Bytes of files: how many an account may store, which objects may enter the bucket `files`, who reads them, and how
-- they go. Storage keeps an object's bytes elsewhere and takes them away by its own API alone: what a row of a version
-- leaves behind is put on a queue for the worker.

-- Under the API's own size limit; what one file may have is a setting here.
insert into storage.buckets (id, name, public) values ('files', 'files', false) on conflict (id) do nothing;

-- Counts what reservations add and what is gone. The row of holdings is the lock: who reserves, waits for whoever else is
-- reserving for the same account, and then sees their sum.
create function private.count_bytes() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  change record;
  total bigint;
  allowed bigint;
begin
  if tg_op = 'DELETE' then
    -- No insert: an account that is being erased has no row any more.
    update private.holdings h set held = greatest(h.held - r.n, 0)
    from (select owner_id, sum(size)::bigint as n from removed group by owner_id) r
    where h.owner_id = r.owner_id and h.kind = 'bytes';
    return null;
  end if;
  for change in select owner_id, sum(size)::bigint as n from added group by owner_id order by owner_id loop
    insert into private.holdings as h (owner_id, kind, held) values (change.owner_id, 'bytes', change.n)
    on conflict on constraint holdings_pkey do update set held = h.held + excluded.held
    returning h.held into total;
    allowed := private.limit_of(change.owner_id, 'bytes');
    if total > allowed and change.n > 0 then
      perform private.fail(
        'TK205', 'LIMIT_QUOTA',
        format('the account may store %s bytes, and this would make %s', allowed, total),
        'size', change.n::text, format('at most %s', greatest(allowed - (total - change.n), 0)),
        'empty the trash, or delete versions and files that are no longer needed'
      );
    end if;
  end loop;
  return null;
end;
$$;
-- A reservation takes the lock of files and then that of bytes; what is deleted takes them in the other order, by itself.
-- Whoever deletes what may still be counted as a file takes both before.
create function private.lock_holdings(owners uuid[]) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform from private.holdings h where h.owner_id = any (owners) and h.kind in ('files', 'bytes')
  order by h.owner_id, h.kind for no key update;
end;
$$;

create trigger count_bytes_insert after insert on public.file_versions
  referencing new table as added
  for each statement execute function private.count_bytes();
create trigger count_bytes_delete after delete on public.file_versions
  referencing old table as removed
  for each statement execute function private.count_bytes();

-- Objects whose bytes are to go. Lines stay for a while after: no id is used again that a late job could mean.
create table private.removals (
  id uuid not null default gen_random_uuid(),
  path text not null,
  file_id uuid,
  doomed_at timestamptz not null default now(),
  removed_at timestamptz,
  constraint removals_pkey primary key (id)
);
alter table private.removals enable row level security;
-- Serves: whether a file's id was used before.
create index removals_file_idx on private.removals (file_id) where file_id is not null;
-- Serves: whether an orphan is on its way out already.
create index removals_path_idx on private.removals (path) where removed_at is null;
-- Serves: those that are open for too long.
create index removals_doomed_idx on private.removals (doomed_at) where removed_at is null;
-- Serves: forgetting what is long gone.
create index removals_removed_idx on private.removals (removed_at) where removed_at is not null;
comment on table private.removals is 'Objects of the bucket `files` that nothing refers to any more, until two days after they are gone.';
comment on column private.removals.file_id is 'Null for an object that no version was known of.';

-- Puts the removal of objects on the queue, in the transaction in which the last that needs them goes.
create function private.doom(paths text[], files uuid[]) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  doomed uuid;
  n integer := 0;
begin
  for doomed in
    insert into private.removals (path, file_id)
    select d.path, d.file from unnest(paths, files) as d (path, file)
    returning id
  loop
    perform private.push_job('files', doomed, 'remove_object', jsonb_build_object('removal', doomed));
    n := n + 1;
  end loop;
  return n;
end;
$$;

create function private.doom_versions() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.doom(array_agg(r.path), array_agg(r.file_id)) from removed r having count(*) > 0;
  return null;
end;
$$;
create trigger doom_versions after delete on public.file_versions
  referencing old table as removed
  for each statement execute function private.doom_versions();

-- What the worker asks before it has objects removed, and says after. A path of which there is a version is none of its
-- business, whatever the queue says.
create function private.removals_of(ids uuid[]) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'path', r.path)), '[]')
    from private.removals r
    where r.id = any (ids) and r.removed_at is null
      and not exists (select from public.file_versions v where v.path = r.path)
  );
end;
$$;

create function private.note_removed(ids uuid[]) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  noted integer;
begin
  -- In one order, against deadlocks: after a day a removal has two jobs, and they may be in two hands.
  perform from private.removals r where r.id = any (ids) and r.removed_at is null order by r.id for update;
  update private.removals r set removed_at = now() where r.id = any (ids) and r.removed_at is null;
  get diagnostics noted = row_count;
  return noted;
end;
$$;

create function public.worker_removals(ids uuid[]) returns jsonb
  language sql volatile set search_path = ''
  return private.removals_of(ids);
comment on function public.worker_removals(uuid[]) is
  'For the worker: which of these objects of the bucket `files` are still to be removed, as [{id, path}].';

create function public.worker_removed(ids uuid[]) returns integer
  language sql volatile set search_path = ''
  return private.note_removed(ids);
comment on function public.worker_removed(uuid[]) is 'For the worker: notes that the bytes of these objects are gone.';

grant execute on function
  private.removals_of(uuid[]), public.worker_removals(uuid[]), private.note_removed(uuid[]), public.worker_removed(uuid[])
  to service_role;

-- Whether the caller has a reservation for an object of this name.
create function private.may_upload(path text) returns boolean
  language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (
    select from public.file_versions v
    where v.path = may_upload.path and v.state = 'reserved' and v.owner_id = auth.uid()
  );
end;
$$;
grant execute on function private.may_upload(text) to authenticated;

-- Whether storage asks on behalf of somebody who wants an address signed, to read by or to upload by. Such an address is
-- as good as a link that nobody can end: it outlives sharing, account and session, and stands in no event.
create function private.is_signing() returns boolean
  language sql stable set search_path = ''
  return coalesce(storage.operation() ~ 'object\.sign', false);

-- Or lists names. To ask for each object of the bucket whether it may be read takes minutes of the database where there are
-- many, and anybody may ask: a list there has one's own, by their names. What is shared, shared_with_me() lists.
create function private.is_listing() returns boolean
  language sql stable set search_path = ''
  return coalesce(storage.operation() ~ 'object\.list', false);
grant execute on function private.is_signing(), private.is_listing() to authenticated;

-- Storage writes the final row past every policy: what enters the bucket is held to its reservation here, for everybody.
-- The row of the reservation is held, so that it is not given up meanwhile. The size is unknown when storage only asks
-- whether an upload would be admitted. What a client has said of an object stands in no quota: it may say nothing.
create function private.guard_object() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  reserved public.file_versions;
begin
  select v.* into reserved from public.file_versions v where v.path = new.name for key share;
  if reserved.state is distinct from 'reserved'
    or coalesce((new.metadata ->> 'size')::bigint, reserved.size) <> reserved.size
    or coalesce(new.user_metadata, '{}') not in ('{}', 'null') or octet_length(new.metadata::text) > 2048
  then
    raise exception using errcode = '42501',
      message = 'ACCESS_DENIED: the bucket files takes objects that are reserved, of the size reserved, without metadata';
  end if;
  return new;
end;
$$;
create trigger trackit_guard_object before insert on storage.objects
  for each row when (new.bucket_id = 'files') execute function private.guard_object();

create function private.refuse_move() returns trigger
  language plpgsql volatile set search_path = ''
as $$
begin
  raise exception using errcode = '42501',
    message = 'ACCESS_DENIED: objects keep their names and their bucket, where one of the buckets is files';
end;
$$;
create trigger trackit_refuse_move before update on storage.objects
  for each row when (
    (old.bucket_id = 'files' or new.bucket_id = 'files')
    and (old.bucket_id is distinct from new.bucket_id or old.name is distinct from new.name)
  )
  execute function private.refuse_move();

create policy objects_live on storage.objects as restrictive for all to public using ((select private.is_live()));

-- Files that one may read; addresses of them are signed by the function for links alone.
create policy objects_files_select on storage.objects for select to authenticated
  using (
    bucket_id = 'files' and not (select private.is_signing()) and (
      (select private.is_listing()) and split_part(name, '/', 1) = (select auth.uid())::text
        or not (select private.is_listing()) and private.can_read_object(name)
    )
  );

-- What one has reserved. No policy admits an update or a delete: an object is written once.
create policy objects_files_insert on storage.objects for insert to authenticated
  with check (bucket_id = 'files' and not (select private.is_signing()) and private.may_upload(name));
