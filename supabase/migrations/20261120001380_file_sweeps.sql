-- Sweeps of files: reservations that nobody used, the trash after its days, grants and links that are over, and objects
-- that nothing refers to. Rows go here, their bytes by the queue.

update private.settings set value = value || '{"share_events": 365, "dead_links": 180}' where name = 'keep_days';

-- Objects without a version: what a failed upload left where storage could not clean up after itself. A day old, since
-- those of today may be on their way. It reads the whole bucket,
-- whose table is storage's and has no index for this: once a night.
create function private.doom_orphans(most integer default 5000) returns integer
  language plpgsql volatile set search_path = ''
as $$
begin
  return (
    select coalesce(private.doom(array_agg(o.name), array_agg(null::uuid)), 0) from (
      select o.name from storage.objects o
      where o.bucket_id = 'files' and o.created_at < now() - interval '1 day'
        and not exists (select from public.file_versions v where v.path = o.name)
        and not exists (select from private.removals r where r.path = o.name and r.removed_at is null)
      limit most
    ) o
  );
end;
$$;

-- A removal that is still open after a day gets another job: the one that it had may be a dead letter, or lost.
create function private.doom_again(most integer) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  late uuid;
  n integer := 0;
begin
  for late in
    update private.removals r set doomed_at = now()
    where r.id = any (array(
      select d.id from private.removals d
      where d.removed_at is null and d.doomed_at < now() - interval '1 day'
      order by d.doomed_at limit most for update skip locked
    ))
    returning r.id
  loop
    perform private.push_job('files', late, 'remove_object', jsonb_build_object('removal', late));
    n := n + 1;
  end loop;
  return n;
end;
$$;

-- What somebody holds at this moment is left for the next time: a sweep waits for nobody's row, so that nobody who waits
-- for what it counts can hold it up for ever.

-- Reservations that nobody has used: whole files, and versions of files that stay. A file that was not taken in the first
-- step, for it was held or there were more than `most`, keeps its only version in the second.
create function private.sweep_uploads(most integer) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  unused uuid[] := array(
    select f.id from public.file_versions v join public.files f on f.id = v.file_id
    where v.state = 'reserved' and v.expires_at < now() and f.state = 'reserved'
    order by v.expires_at limit most for update of f, v skip locked
  );
  gone integer;
  versions integer;
begin
  perform private.lock_holdings(array(select distinct f.owner_id from public.files f where f.id = any (unused)));
  delete from public.files f where f.id = any (unused);
  get diagnostics gone = row_count;
  unused := array(
    select v.upload_id from public.file_versions v join public.files f on f.id = v.file_id
    where v.state = 'reserved' and v.expires_at < now() and f.state = 'ready'
    order by v.expires_at limit most for update of f, v skip locked
  );
  delete from public.file_versions v where v.upload_id = any (unused);
  get diagnostics versions = row_count;
  return gone + versions;
end;
$$;

-- Files that have lain in the trash for their time, and folders in which nothing is left.
create function private.sweep_trash(most integer) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  old uuid[] := array(
    select f.id from public.files f where f.deleted_at < now() - private.keep('trash')
    order by f.deleted_at limit most for update skip locked
  );
  gone integer;
  folders integer;
begin
  delete from public.files f where f.id = any (old);
  get diagnostics gone = row_count;
  old := array(
    select d.id from public.folders d
    where d.deleted_at < now() - private.keep('trash')
      and not exists (select from public.files f where f.folder_id = d.id)
      and not exists (select from public.folders c where c.parent_id = d.id)
    order by d.deleted_at limit most for update skip locked
  );
  delete from public.folders d where d.id = any (old);
  get diagnostics folders = row_count;
  return gone + folders;
end;
$$;

-- What is only kept for a while.
create function private.forget_shares(most integer) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  gone integer := 0;
  n integer;
  statement text;
begin
  foreach statement in array array[
    'delete from private.share_grants g where g.hash = any (array(
       select h.hash from private.share_grants h where h.expires_at < now()
       order by h.expires_at limit $1 for update skip locked))',
    'delete from public.shares s where s.id = any (array(
       select t.id from public.shares t where least(t.revoked_at, t.expires_at) < now() - private.keep(''dead_links'')
       order by least(t.revoked_at, t.expires_at) limit $1 for update skip locked))',
    'delete from public.share_events e where e.id = any (array(
       select d.id from public.share_events d
       where d.created_at < now() - private.keep(''share_events'')
       order by d.created_at limit $1 for update skip locked))',
    'delete from private.removals r where r.id = any (array(
       select d.id from private.removals d
       where d.removed_at < now() - interval ''2 days''
       order by d.removed_at limit $1 for update skip locked))'
  ] loop
    execute statement using most;
    get diagnostics n = row_count;
    gone := gone + n;
  end loop;
  return gone;
end;
$$;

-- `most` rows of each a time; how many went.
create function private.sweep_files(most integer default 5000) returns integer
  language plpgsql volatile set search_path = ''
as $$
begin
  return private.sweep_uploads(most) + private.sweep_trash(most) + private.forget_shares(most)
    + private.doom_again(most);
end;
$$;
comment on function private.sweep_files(integer) is 'Takes away what files, links and uploads have left behind; how many rows went.';

-- An account that goes takes its rows along in an order of its own: its counts and its profile long before its files. Who
-- holds a file, a link or a grant at that moment, a sweep or a device, still needs these, and each would wait for the other.
-- So all of them are taken first, in everybody's order; nobody can hold one and wait for the account's own row.
create function private.hold_files() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtext('folders'), hashtext(old.id::text));
  perform from public.folders d where d.owner_id = old.id order by d.id for update;
  perform from public.files f where f.owner_id = old.id order by f.id for update;
  perform from public.share_users s join public.files f on f.id = s.file_id
  where f.owner_id = old.id or s.user_id = old.id order by s.file_id, s.id for update of s;
  perform from public.shares s where s.owner_id = old.id order by s.id for update;
  perform from private.share_grants g join public.shares s on s.id = g.share_id
  where s.owner_id = old.id order by g.hash for update of g;
  return old;
end;
$$;
create trigger hold_files before delete on auth.users
  for each row execute function private.hold_files();

-- Serves: links that are long over; those that never end are not in it.
create index shares_over_idx on public.shares (least(revoked_at, expires_at)) where least(revoked_at, expires_at) is not null;

insert into private.schedules (name, cron, sql, about) values
  ('files', '23 * * * *', 'select private.sweep_files()', 'Gives up unused reservations, empties the trash of files, forgets what is over.'),
  ('file-orphans', '43 4 * * *', 'select private.doom_orphans()', 'Has objects removed that no version refers to.');
