-- Links as their owners have them: made, changed, revoked. Each call is safe to repeat.

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

grant execute on function
  private.create_share(public.shares, text, text, text, text),
  public.create_share(uuid, uuid, integer, text, text, text, boolean, timestamptz, integer, text),
  private.change_share(uuid, jsonb, integer), public.change_share(uuid, jsonb, integer),
  private.revoke_share(uuid), public.revoke_share(uuid)
  to authenticated;
