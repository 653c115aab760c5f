-- Sharing: by link, to whoever holds it, and by name. A link's key and tokens are in its fragment, which no server sees;
-- here are hashes of the two tokens, and the body that only the key opens (docs/protocol.md §6).

create table public.shares (
  id uuid not null,
  file_id uuid not null,
  owner_id uuid not null,
  content_version integer not null,
  password boolean not null,
  expires_at timestamptz,
  max_downloads integer,
  downloads integer not null default 0,
  sealed bytea,
  last_opened_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  constraint shares_pkey primary key (id),
  constraint shares_file_id_fkey foreign key (file_id) references public.files (id) on delete cascade,
  constraint shares_owner_id_fkey foreign key (owner_id) references public.profiles (id) on delete cascade,
  constraint shares_max_downloads_range check (max_downloads between 1 and 1000000),
  constraint shares_downloads_range check (downloads >= 0),
  constraint shares_sealed_length check (octet_length(sealed) between 1 and 2048)
) with (fillfactor = 70);
-- Serves: an owner's links, newest first; the cascade from profiles.
create index shares_owner_created_idx on public.shares (owner_id, created_at desc, id desc);
-- Serves: links of one file; the foreign key.
create index shares_file_idx on public.shares (file_id, created_at desc, id desc);

-- What nobody reads over the API.
create table private.share_secrets (
  share_id uuid not null,
  door_hash bytea not null,
  access_hash bytea not null,
  body bytea not null,
  misses real not null default 0,
  missed_at timestamptz not null default now(),
  constraint share_secrets_pkey primary key (share_id),
  constraint share_secrets_share_id_fkey foreign key (share_id) references public.shares (id) on delete cascade,
  constraint share_secrets_door_hash_length check (octet_length(door_hash) = 32),
  constraint share_secrets_access_hash_length check (octet_length(access_hash) = 32),
  constraint share_secrets_body_length check (octet_length(body) between 1 and 20480)
) with (fillfactor = 70);

-- A download that was counted, for as long as its bytes may be fetched without counting again.
create table private.share_grants (
  hash bytea not null,
  share_id uuid not null,
  reader_id uuid,
  expires_at timestamptz not null,
  noted_at timestamptz,
  constraint share_grants_pkey primary key (hash),
  constraint share_grants_share_id_fkey foreign key (share_id) references public.shares (id) on delete cascade
);
-- Serves: the end of all grants of a link; the foreign key.
create index share_grants_share_idx on private.share_grants (share_id);
-- Serves: forgetting those that have ended.
create index share_grants_expires_idx on private.share_grants (expires_at);

-- No reference to file, link or reader: what happened is told after they are gone, for as long as it is kept.
create table public.share_events (
  id uuid not null default gen_random_uuid(),
  owner_id uuid not null,
  file_id uuid not null,
  share_id uuid,
  actor_id uuid,
  kind text not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint share_events_pkey primary key (id),
  constraint share_events_owner_id_fkey foreign key (owner_id) references public.profiles (id) on delete cascade,
  constraint share_events_kind_known check (
    kind in (
      'created', 'changed', 'revoked', 'opened', 'renewed', 'password_refused', 'refused', 'shared', 'unshared'
    )
  )
);
-- Serve: an owner's events, those of a file and those of a link, newest first.
create index share_events_owner_idx on public.share_events (owner_id, created_at desc, id desc);
create index share_events_file_idx on public.share_events (file_id, created_at desc, id desc);
create index share_events_share_idx on public.share_events (share_id, created_at desc, id desc) where share_id is not null;
-- Serves: forgetting the oldest.
create index share_events_created_idx on public.share_events (created_at);

alter table private.share_secrets alter column body set storage external;
alter table public.shares alter column sealed set storage external;

alter table public.shares enable row level security;
alter table public.share_events enable row level security;
alter table private.share_secrets enable row level security;
alter table private.share_grants enable row level security;

comment on table public.shares is 'Links to files, as their owners see them.';
comment on column public.shares.id is '16 random bytes of the client''s, from the link''s fragment.';
comment on column public.shares.content_version is 'The version of the file that the link opens.';
comment on column public.shares.password is 'Whether the fragment says that a password is needed.';
comment on column public.shares.downloads is 'How often it was opened; renewing within 24 hours does not count.';
comment on column public.shares.sealed is 'What only the owner''s devices can open, such as the fragment.';
comment on table private.share_secrets is 'Hashes of a link''s tokens, its sealed body, and the passwords that were wrong.';
comment on column private.share_secrets.misses is 'Wrong passwords not forgotten yet, as of missed_at.';
comment on table private.share_grants is 'Downloads that were counted, for 24 hours; gone with a revocation.';
comment on column private.share_grants.noted_at is 'When a renewal was last noted among the events: once a minute at most.';
comment on column private.share_grants.hash is 'SHA-256 of the token that the reader holds.';
comment on table public.share_events is 'Who shared what and who opened it, and when. Only ever added to, kept for a year.';
comment on column public.share_events.actor_id is 'Null for a reader of a link who was not signed in.';

create policy shares_live on public.shares as restrictive for all to public using ((select private.is_live()));
create policy share_events_live on public.share_events as restrictive for all to public
  using ((select private.is_live()));
create policy shares_select on public.shares for select to authenticated using (owner_id = (select auth.uid()));
create policy share_events_select on public.share_events for select to authenticated
  using (owner_id = (select auth.uid()));
grant select on public.shares, public.share_events to authenticated, service_role;
-- Not granted to anyone: any write but by the calls below. To anon: nothing.

create function private.share_told(share public.shares) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return to_jsonb(share) || jsonb_build_object('sealed', private.to_base64url(share.sealed));
end;
$$;
grant execute on function private.share_told(public.shares) to authenticated, service_role;

create trigger announce_insert after insert on public.shares
  referencing new table as added
  for each statement execute function private.note_owned();
create trigger announce_update after update on public.shares
  referencing old table as removed new table as added
  for each statement execute function private.note_owned();
create trigger announce_delete after delete on public.shares
  referencing old table as removed
  for each statement execute function private.note_owned();
create trigger raise_version before update of expires_at, max_downloads, sealed, revoked_at on public.shares
  for each row execute function private.raise_version();

create function private.note_share_event(owner uuid, file uuid, share uuid, actor uuid, kind text) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  insert into public.share_events (owner_id, file_id, share_id, actor_id, kind)
  values (owner, file, share, actor, note_share_event.kind);
end;
$$;

create function private.check_expiry(expires_at timestamptz) returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if expires_at <= now() then
    perform private.fail(
      'TK001', 'USAGE_INVALID', 'a link cannot have expired before it is made', 'expires_at', expires_at::text, 'later than now'
    );
  end if;
end;
$$;

-- An open link is one that was not revoked and has not expired; a live one opens, as far as it itself goes.
create function private.is_open_share(share public.shares) returns boolean
  language sql stable set search_path = ''
  return (share).revoked_at is null and coalesce((share).expires_at > now(), true);

create function private.is_live_share(share public.shares) returns boolean
  language sql stable set search_path = ''
  return private.is_open_share(share) and coalesce((share).downloads < (share).max_downloads, true);

create function private.check_links(file uuid) returns void
  language plpgsql stable set search_path = ''
as $$
declare
  most constant bigint := private.file_setting('links');
begin
  if (select count(*) from public.shares s where s.file_id = file and private.is_live_share(s)) >= most then
    perform private.fail(
      'TK706', 'LIMIT_SIZE', format('the file has %s links', most), 'file', file::text, format('at most %s', most),
      'revoke some'
    );
  end if;
end;
$$;

create function private.create_share(wanted public.shares, access_hash text, door_hash text, body text, sealed text)
  returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  secrets private.share_secrets;
  file public.files;
begin
  perform private.require_live();
  perform private.rate_limit('create_share', 500, interval '1 hour');
  wanted.owner_id := auth.uid();
  wanted.sealed := private.from_base64url(sealed, 'sealed', 2048);
  secrets.door_hash := private.from_base64url(door_hash, 'door_hash', 32);
  secrets.access_hash := private.from_base64url(access_hash, 'access_hash', 32);
  secrets.body := private.from_base64url(body, 'body', 20480);
  file := private.lock_file(wanted.file_id);
  if exists (
    select from public.shares s join private.share_secrets k on k.share_id = s.id
    where s.id = wanted.id and s.owner_id = wanted.owner_id and s.file_id = wanted.file_id
      and s.content_version = wanted.content_version and s.password = wanted.password and k.body = secrets.body
      and k.door_hash = secrets.door_hash and k.access_hash = secrets.access_hash
  ) then
    return (select private.share_told(s) from public.shares s where s.id = wanted.id);
  end if;
  perform private.require_ready(file);
  perform private.check_expiry(wanted.expires_at);
  perform private.check_links(file.id);
  if not exists (
    select from public.file_versions v
    where v.file_id = file.id and v.number = wanted.content_version and v.state = 'ready'
  ) then
    perform private.refuse_file('version', file.id);
  end if;
  insert into public.shares (
    id, file_id, owner_id, content_version, password, expires_at, max_downloads, sealed
  ) values (
    wanted.id, file.id, wanted.owner_id, wanted.content_version, wanted.password, wanted.expires_at,
    wanted.max_downloads, wanted.sealed
  )
  on conflict on constraint shares_pkey do nothing;
  if not found then
    perform private.fail('TK005', 'CONFLICT_ID', 'another link has this id', 'id', wanted.id::text, 'an id of its own');
  end if;
  insert into private.share_secrets (share_id, door_hash, access_hash, body)
  values (wanted.id, secrets.door_hash, secrets.access_hash, secrets.body);
  perform private.note_share_event(wanted.owner_id, file.id, wanted.id, wanted.owner_id, 'created');
  perform private.log_file(file, 'file.shared');
  return (select private.share_told(s) from public.shares s where s.id = wanted.id);
end;
$$;

create function public.create_share(
  id uuid, file uuid, content_version integer, access_hash text, door_hash text, body text,
  password boolean default false, expires_at timestamptz default null, max_downloads integer default null,
  sealed text default null
) returns jsonb
  language plpgsql volatile set search_path = ''
as $$
declare
  wanted public.shares;
begin
  wanted.id := create_share.id;
  wanted.file_id := create_share.file;
  wanted.content_version := create_share.content_version;
  wanted.password := create_share.password;
  wanted.expires_at := create_share.expires_at;
  wanted.max_downloads := create_share.max_downloads;
  return private.create_share(wanted, access_hash, door_hash, body, sealed);
end;
$$;
comment on function public.create_share(
  uuid, uuid, integer, text, text, text, boolean, timestamptz, integer, text
) is 'Makes a link to a version of an own file; the link. Safe to repeat with the same id.';

-- An own link, locked.
create function private.lock_share(share uuid) returns public.shares
  language plpgsql volatile set search_path = ''
as $$
declare
  locked public.shares;
begin
  select s.* into locked from public.shares s where s.id = share and s.owner_id = auth.uid() for no key update;
  if locked.id is null then
    perform private.refuse_file('link', share);
  end if;
  return locked;
end;
$$;

create function private.change_share(share uuid, changes jsonb, expected integer) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  wanted record;
  locked public.shares;
begin
  perform private.require_live();
  perform private.check_changes(changes, '{expires_at,max_downloads,sealed}');
  select * into wanted from jsonb_to_record(changes) as w (expires_at timestamptz, max_downloads integer, sealed text);
  locked := private.lock_share(share);
  perform private.require_version(locked.version, expected);
  perform private.check_expiry(wanted.expires_at);
  update public.shares s
  set expires_at = case when changes ? 'expires_at' then wanted.expires_at else s.expires_at end,
    max_downloads = case when changes ? 'max_downloads' then wanted.max_downloads else s.max_downloads end,
    sealed = case when changes ? 'sealed' then private.from_base64url(wanted.sealed, 'sealed', 2048) else s.sealed end
  where s.id = share;
  perform private.note_share_event(locked.owner_id, locked.file_id, share, auth.uid(), 'changed');
  return (select private.share_told(s) from public.shares s where s.id = share);
end;
$$;

create function public.change_share(id uuid, changes jsonb, version integer default null) returns jsonb
  language sql volatile set search_path = ''
  return private.change_share(id, changes, version);
comment on function public.change_share(uuid, jsonb, integer) is
  'Changes when an own link expires and how often it opens; the link.';

create function private.revoke_share(share uuid) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  locked public.shares;
begin
  perform private.require_live();
  locked := private.lock_share(share);
  if locked.revoked_at is null then
    update public.shares s set revoked_at = now() where s.id = share;
    delete from private.share_grants g where g.share_id = share;
    perform private.note_share_event(locked.owner_id, locked.file_id, share, auth.uid(), 'revoked');
  end if;
  return (select private.share_told(s) from public.shares s where s.id = share);
end;
$$;

create function public.revoke_share(id uuid) returns jsonb
  language sql volatile set search_path = ''
  return private.revoke_share(id);
comment on function public.revoke_share(uuid) is 'Ends an own link and all downloads under way by it, for good; the link.';

-- Whose they are, the policy says, here and below: said twice, Postgres takes them for few and sorts all of them.
create function public.shares_page(
  file uuid default null, before timestamptz default null, before_id uuid default null, "limit" integer default 100
) returns jsonb
  language plpgsql stable set search_path = ''
as $$
declare
  rows public.shares[];
  at constant timestamptz := coalesce(before, 'infinity');
  below constant uuid := coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if file is null then
    rows := array(
      select s from public.shares s
      where (s.created_at, s.id) < (at, below)
      order by s.created_at desc, s.id desc limit private.page_size("limit")
    );
  else
    rows := array(
      select s from public.shares s
      where s.file_id = shares_page.file and (s.created_at, s.id) < (at, below)
      order by s.created_at desc, s.id desc limit private.page_size("limit")
    );
  end if;
  return (select coalesce(jsonb_agg(private.share_told(s)), '[]') from unnest(rows) as s);
end;
$$;
comment on function public.shares_page(uuid, timestamptz, uuid, integer) is
  'The caller''s links, or those of one file, newest first. Next page: before the last row''s time and id.';

create function public.share_events_page(
  file uuid default null, share uuid default null, before timestamptz default null, before_id uuid default null,
  "limit" integer default 100
) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
declare
  rows public.share_events[];
  at constant timestamptz := coalesce(before, 'infinity');
  below constant uuid := coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if share is not null then
    rows := array(
      select e from public.share_events e
      where e.share_id = share and (e.created_at, e.id) < (at, below)
      order by e.created_at desc, e.id desc limit private.page_size("limit")
    );
  elsif file is not null then
    rows := array(
      select e from public.share_events e
      where e.file_id = file and (e.created_at, e.id) < (at, below)
      order by e.created_at desc, e.id desc limit private.page_size("limit")
    );
  else
    rows := array(
      select e from public.share_events e
      where (e.created_at, e.id) < (at, below)
      order by e.created_at desc, e.id desc limit private.page_size("limit")
    );
  end if;
  return (select coalesce(jsonb_agg(to_jsonb(e) - 'owner_id'), '[]') from unnest(rows) as e);
end;
$$;
comment on function public.share_events_page(uuid, uuid, timestamptz, uuid, integer) is
  'What happened to the caller''s shared files, to one of them or to one link, newest first.';

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
  if who is null or who = auth.uid() or not exists (
    select from public.profiles p where p.id = who and p.status = 'active'
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

create function public.shared_with_me(
  before timestamptz default null, before_id uuid default null, "limit" integer default 100
) returns jsonb
  language sql stable set search_path = '' set timezone = 'UTC'
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'share_id', s.id, 'shared_at', s.created_at, 'since', s.since, 'owner', private.person_told(s.owner_id),
      'file', private.file_told(f)
    ) order by s.created_at desc, s.id desc), '[]')
    from (
      select * from public.share_users s
      where s.user_id = (select auth.uid())
        and (s.created_at, s.id) < (coalesce(before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by s.created_at desc, s.id desc limit private.page_size("limit")
    ) s join public.files f on f.id = s.file_id
  );
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
  private.create_share(public.shares, text, text, text, text),
  public.create_share(uuid, uuid, integer, text, text, text, boolean, timestamptz, integer, text),
  private.change_share(uuid, jsonb, integer), public.change_share(uuid, jsonb, integer),
  private.revoke_share(uuid), public.revoke_share(uuid), public.shares_page(uuid, timestamptz, uuid, integer),
  public.share_events_page(uuid, uuid, timestamptz, uuid, integer),
  private.share_file(uuid, uuid), public.share_file(uuid, uuid),
  private.unshare_file(uuid, uuid), public.unshare_file(uuid, uuid),
  public.shared_with_me(timestamptz, uuid, integer), public.file_people(uuid)
  to authenticated;
