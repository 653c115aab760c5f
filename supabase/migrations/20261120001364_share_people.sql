-- Sharing by name, with people who have an account: the rows are in 1300, where who reads a file is decided.

-- Who somebody is, as far as people who share something with them may know.
create function private.person_told(who uuid) returns jsonb
  language sql stable security definer set search_path = ''
  return (
    select jsonb_build_object(
      'id', p.id, 'username', p.username, 'display_name', p.display_name, 'avatar_url', p.avatar_url
    )
    from public.profiles p where p.id = who
  );
grant execute on function private.person_told(uuid) to authenticated;

create function private.share_file(file uuid, who uuid) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.files;
  made public.share_users;
begin
  perform private.require_live();
  perform private.rate_limit('share_file', 500, interval '1 hour');
  locked := private.lock_file(file);
  perform private.require_ready(locked);
  select s.* into made from public.share_users s where s.file_id = file and s.user_id = who;
  if made.id is not null then
    return private.share_user_told(made);
  end if;
  -- Held, so that an account that is going at this moment is gone, and not a reference that breaks.
  if who is null or who = auth.uid() or not exists (
    select from public.profiles p where p.id = who and p.status = 'active' for key share
  ) or exists (select from public.blocks b where b.user_id = who and b.blocked_id = auth.uid()) then
    perform private.fail('TK702', 'USAGE_REFERENCE', 'nobody of that id who can be reached', 'user', who::text);
  end if;
  if (select count(*) from public.share_users s where s.file_id = file) >= private.file_setting('people') then
    perform private.fail(
      'TK706', 'LIMIT_SIZE', 'the file is shared with as many people as it may be', 'user', who::text,
      format('at most %s', private.file_setting('people'))
    );
  end if;
  insert into public.share_users (file_id, owner_id, user_id, since)
  values (file, locked.owner_id, who, locked.content_version) returning * into made;
  perform private.note_share_event(locked.owner_id, file, null, auth.uid(), 'shared');
  perform private.log_file(locked, 'file.shared');
  return private.share_user_told(made);
end;
$$;

create function public.share_file(file uuid, "user" uuid) returns jsonb
  language sql volatile set search_path = ''
  return private.share_file(file, "user");
comment on function public.share_file(uuid, uuid) is 'Lets somebody read an own file, from its present version on. Safe to repeat.';

-- By the owner, or by whoever it is shared with, for themselves.
create function private.unshare_file(file uuid, who uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  ended public.share_users;
begin
  perform private.require_live();
  delete from public.share_users s
  where s.file_id = file and s.user_id = who and auth.uid() in (s.owner_id, s.user_id) returning * into ended;
  if ended.id is null then
    return false;
  end if;
  perform private.note_share_event(ended.owner_id, file, null, auth.uid(), 'unshared');
  return true;
end;
$$;

create function public.unshare_file(file uuid, "user" uuid) returns boolean
  language sql volatile set search_path = ''
  return private.unshare_file(file, "user");
comment on function public.unshare_file(uuid, uuid) is
  'Ends that a file is shared with somebody, by its owner or by themselves; false when it was not.';

create function private.shared_with_me(before timestamptz, before_id uuid, most integer) returns jsonb
  language plpgsql stable security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  me constant uuid := auth.uid();
  rooms constant uuid[] := private.my_rooms();
begin
  if not private.is_live() then
    return '[]';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'share_id', s.id, 'shared_at', s.created_at, 'since', s.since, 'owner', private.person_told(s.owner_id),
      'file', private.file_shown(f, rooms)
    ) order by s.created_at desc, s.id desc), '[]')
    from (
      select * from public.share_users s
      where s.user_id = me
        and (s.created_at, s.id) < (coalesce(before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by s.created_at desc, s.id desc limit most
    ) s join public.files f on f.id = s.file_id and f.shown
  );
end;
$$;

create function public.shared_with_me(
  before timestamptz default null, before_id uuid default null, "limit" integer default 100
) returns jsonb
  language sql stable set search_path = ''
  return private.shared_with_me(before, before_id, private.page_size("limit"));
comment on function public.shared_with_me(timestamptz, uuid, integer) is
  'Files that others share with the caller, newest first: [{share_id, shared_at, since, owner, file}].';

create function public.file_people(file uuid) returns jsonb
  language sql stable set search_path = '' set timezone = 'UTC'
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', s.id, 'since', s.since, 'created_at', s.created_at, 'user', private.person_told(s.user_id)
    ) order by s.created_at, s.id), '[]')
    from public.share_users s where s.file_id = file and s.owner_id = (select auth.uid())
  );
comment on function public.file_people(uuid) is 'With whom an own file is shared: [{id, user, since, created_at}].';

grant execute on function
  private.share_file(uuid, uuid), public.share_file(uuid, uuid),
  private.unshare_file(uuid, uuid), public.unshare_file(uuid, uuid),
  private.shared_with_me(timestamptz, uuid, integer), public.shared_with_me(timestamptz, uuid, integer),
  public.file_people(uuid)
  to authenticated;
