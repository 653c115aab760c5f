-- Links from the other side: what the function `share` calls for whoever holds one. Every kind of dead link has one answer,
-- and so has a wrong token; only the door token, which is in the link, tells a wrong password from it. An answer and no
-- error: what was wrong is counted, which an error would undo.

-- Wrong passwords: after ten there is a wait; one is forgotten every six minutes, so that nobody is locked out for good.
insert into private.settings (name, value, about) values (
  'links', '{"misses": 10, "forget_seconds": 360, "grant_hours": 24}',
  'Wrong passwords that a link admits before it waits; seconds after which one of them is forgotten; hours for which an '
    'opened link renews.'
);

-- Bytes of a token, null for anything else.
create function private.token_of(value text) returns bytea
  language plpgsql immutable set search_path = ''
as $$
begin
  return case when value ~ '^[A-Za-z0-9_-]{43}$' then decode(translate(value, '-_', '+/') || '=', 'base64') end;
end;
$$;

-- The 16 bytes by which a reader's tries of one opening are known for one; null for anything else.
create function private.nonce_of(value text) returns bytea
  language plpgsql immutable set search_path = ''
as $$
begin
  return case when value ~ '^[A-Za-z0-9_-]{22}$' then decode(translate(value, '-_', '+/') || '==', 'base64') end;
end;
$$;

-- The token of the grant that an opening gets: the same for each try of it, and kept nowhere. It takes the access token,
-- which is right where a grant is found under it, and random bytes that nobody but the reader has.
create function private.grant_token(share uuid, access bytea, nonce bytea) returns bytea
  language plpgsql volatile set search_path = ''
as $$
begin
  return extensions.hmac(uuid_send(share) || coalesce(nonce, extensions.gen_random_bytes(16)), access, 'sha256');
end;
$$;

-- The version that a link opens, if the link and everything behind it is alive; nothing else.
create function private.opened_version(share public.shares) returns public.file_versions
  language plpgsql stable set search_path = ''
as $$
declare
  found public.file_versions;
begin
  select v.* into found
  from public.files f
    join public.profiles p on p.id = f.owner_id
    join public.file_versions v on v.file_id = f.id and v.number = share.content_version
  where f.id = share.file_id and f.deleted_at is null and v.state = 'ready' and p.status = 'active';
  return found;
end;
$$;

create function private.opened_told(opened public.file_versions) returns jsonb
  language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'outcome', 'open', 'file_id', f.id, 'number', opened.number, 'path', opened.path, 'size', opened.size,
      'encrypted', f.encrypted
    )
    from public.files f where f.id = opened.file_id
  );
end;
$$;

-- Seconds until another password may be tried; 0 when one may. `secrets` as they are stored.
create function private.password_wait(secrets private.share_secrets) returns integer
  language plpgsql stable set search_path = ''
as $$
declare
  every constant real := private.setting('links') ->> 'forget_seconds';
  left_over constant double precision :=
    secrets.misses - extract(epoch from clock_timestamp() - secrets.missed_at) / every;
begin
  return greatest(ceil((left_over - (private.setting('links') ->> 'misses')::real + 1) * every), 0)::integer;
end;
$$;

create function private.count_miss(secrets private.share_secrets) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  update private.share_secrets k
  set misses = greatest(
      k.misses - extract(epoch from clock_timestamp() - k.missed_at) / (private.setting('links') ->> 'forget_seconds')::real, 0
    ) + 1,
    missed_at = clock_timestamp()
  where k.share_id = secrets.share_id;
end;
$$;

-- Counts a download and opens a grant for it, until the time that is returned; of its token the hash is kept.
create function private.open_grant(share public.shares, token bytea, reader uuid) returns timestamptz
  language plpgsql volatile set search_path = ''
as $$
declare
  until constant timestamptz := now() + make_interval(hours => (private.setting('links') ->> 'grant_hours')::integer);
begin
  update public.shares s set downloads = s.downloads + 1, last_opened_at = now() where s.id = share.id;
  -- One of the same opening that is over, and was not swept yet, is another download by now.
  insert into private.share_grants (hash, share_id, reader_id, expires_at) values (sha256(token), share.id, reader, until)
  on conflict on constraint share_grants_pkey do update
  set reader_id = excluded.reader_id, opened_at = now(), expires_at = excluded.expires_at, noted_at = null;
  perform private.note_share_event(share.owner_id, share.file_id, share.id, reader, 'opened');
  return until;
end;
$$;

-- What an opening that has been counted was given, until it is over.
create function private.grant_of(share uuid, token bytea) returns private.share_grants
  language plpgsql stable set search_path = ''
as $$
declare
  given private.share_grants;
begin
  select g.* into given from private.share_grants g
  where g.hash = sha256(token) and g.share_id = share and g.expires_at > now();
  return given;
end;
$$;

-- Another look is noted, once a minute. `since` is when the one before was, where none is noted yet: a try that comes within
-- a minute of its opening is a part of it.
create function private.note_look(share public.shares, given private.share_grants, since timestamptz) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  update private.share_grants g set noted_at = now()
  where g.hash = given.hash and coalesce(coalesce(g.noted_at, since) < now() - interval '1 minute', true);
  if found then
    perform private.note_share_event(share.owner_id, share.file_id, share.id, given.reader_id, 'renewed');
  end if;
end;
$$;

create function private.grant_told(
  opened public.file_versions, secrets private.share_secrets, token bytea, until timestamptz
) returns jsonb
  language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return private.opened_told(opened) || jsonb_build_object(
    'body', private.to_base64url(secrets.body), 'grant', private.to_base64url(token), 'expires_at', until
  );
end;
$$;

-- What there is to say to whoever has the link, which is locked: everybody who opens it at once takes turns, so that it
-- opens as often as it may and no more.
create function private.redeem_live(
  share public.shares, secrets private.share_secrets, opened public.file_versions, access bytea, token bytea, reader uuid
) returns jsonb
  language plpgsql volatile set search_path = ''
as $$
declare
  wait constant integer := private.password_wait(secrets);
begin
  if access is null then
    return jsonb_build_object('outcome', 'door', 'password', share.password);
  end if;
  if wait > 0 then
    return jsonb_build_object('outcome', 'limited', 'retry_after', wait);
  end if;
  if private.tagged_hash('link-token', access) <> secrets.access_hash then
    perform private.count_miss(secrets);
    perform private.note_share_event(share.owner_id, share.file_id, share.id, reader, 'password_refused');
    return jsonb_build_object('outcome', 'password');
  end if;
  return private.grant_told(opened, secrets, token, private.open_grant(share, token, reader));
end;
$$;

create function private.share_redeem(link uuid, door text, access text, reader uuid, nonce text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  refused constant jsonb := jsonb_build_object('outcome', 'refused');
  given constant bytea := private.token_of(access);
  opening constant bytea := private.nonce_of(nonce);
  token constant bytea := private.grant_token(link, given, opening);
  share public.shares;
  secrets private.share_secrets;
  opened public.file_versions;
  known private.share_grants;
begin
  -- Looked at before it is locked: whoever has no door token makes nobody wait.
  select k.* into secrets from private.share_secrets k where k.share_id = link;
  if coalesce(private.tagged_hash('link-token', private.token_of(door)) <> secrets.door_hash, true)
    or access is not null and given is null or nonce is not null and opening is null
  then
    return refused;
  end if;
  select s.* into share from public.shares s where s.id = link for no key update;
  select k.* into secrets from private.share_secrets k where k.share_id = link;
  opened := private.opened_version(share);
  -- Whose answer was lost asks again, and has been counted: also for the last time that there was.
  known := private.grant_of(link, token);
  if opened.file_id is not null and known.hash is not null and private.is_open_share(share) then
    perform private.note_look(share, known, known.opened_at);
    return private.grant_told(opened, secrets, token, known.expires_at);
  end if;
  if opened.file_id is null or not private.is_live_share(share) then
    -- Whoever has a dead link may ask as often as they like: once a minute is worth a line.
    if share.id is not null and access is not null and share.revoked_at is null and not exists (
      select from public.share_events e
      where e.share_id = share.id and e.kind = 'refused' and e.created_at > now() - interval '1 minute'
    ) then
      perform private.note_share_event(share.owner_id, share.file_id, share.id, reader, 'refused');
    end if;
    return refused;
  end if;
  return private.redeem_live(share, secrets, opened, given, token, reader);
end;
$$;

create function public.share_redeem(
  link uuid, door text, access text default null, reader uuid default null, nonce text default null
) returns jsonb
  language sql volatile set search_path = ''
  return private.share_redeem(link, door, access, reader, nonce);
comment on function public.share_redeem(uuid, text, text, uuid, text) is
  'For the function share: opens a link and counts it, once for a nonce. {outcome}: open, door, password, limited, or refused for all else.';

-- Another look at what was opened, without counting.
create function private.share_renew(link uuid, "grant" text) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  given private.share_grants;
  share public.shares;
  opened public.file_versions;
begin
  given := private.grant_of(link, private.token_of("grant"));
  -- Held, so that a revocation that takes it away is waited for, and heard below.
  perform from private.share_grants g where g.hash = given.hash for key share;
  select s.* into share from public.shares s where s.id = given.share_id and s.revoked_at is null;
  opened := private.opened_version(share);
  if opened.file_id is null then
    return jsonb_build_object('outcome', 'refused');
  end if;
  perform private.note_look(share, given, null);
  return private.opened_told(opened) || jsonb_build_object('expires_at', given.expires_at);
end;
$$;

create function public.share_renew(link uuid, "grant" text) returns jsonb
  language sql volatile set search_path = ''
  return private.share_renew(link, "grant");
comment on function public.share_renew(uuid, text) is
  'For the function share: where the bytes of a link that was opened within 24 hours are, without counting it again.';

grant execute on function
  private.share_redeem(uuid, text, text, uuid, text), public.share_redeem(uuid, text, text, uuid, text),
  private.share_renew(uuid, text), public.share_renew(uuid, text)
  to service_role;
-- Not granted to users: they open links by the function, which counts addresses.
