-- What is shared: links, what they keep, who has opened them, and what happened. A link's key and tokens are in its
-- fragment, which no server sees; here are hashes of the two tokens, and the body that only the key opens
-- (docs/protocol.md §6). The next files have the calls: links, sharing by name, and opening.

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
  opened_at timestamptz not null default now(),
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
-- Not granted to anyone: any write but by the calls of the next files. To anon: nothing.

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

grant execute on function
  public.shares_page(uuid, timestamptz, uuid, integer), public.share_events_page(uuid, uuid, timestamptz, uuid, integer)
  to authenticated;
