-- Usernames: which can be had, and who has one. One list of rules for every place that asks: sign-up, a change of
-- name, the form.

-- Names that would let their holder speak for the project, or that a page or a program could mistake for its own.
create table private.reserved_usernames (
  word text not null,
  constraint reserved_usernames_pkey primary key (word),
  -- Compared without case and separators, so that `ad.min` is `admin`.
  constraint reserved_usernames_word_folded check (word ~ '^[a-z0-9]+$')
);

alter table private.reserved_usernames enable row level security;

insert into private.reserved_usernames (word) values
  ('about'), ('abuse'), ('account'), ('accounts'), ('admin'), ('administrator'), ('admins'), ('anon'),
  ('anonymous'), ('api'), ('auth'), ('authenticated'), ('authenticator'), ('billing'), ('bot'), ('contact'),
  ('daemon'), ('deleted'), ('everyone'), ('guest'), ('help'), ('helpdesk'), ('hostmaster'), ('info'), ('login'),
  ('logout'), ('mail'), ('mailer'), ('mailerdaemon'), ('me'), ('member'), ('moderator'), ('nobody'), ('noreply'),
  ('null'), ('official'), ('operator'), ('owner'), ('postgres'), ('postmaster'), ('privacy'), ('public'),
  ('register'), ('root'), ('security'), ('self'), ('service'), ('servicerole'), ('settings'), ('signin'),
  ('signup'), ('staff'), ('superuser'), ('supabase'), ('support'), ('sysadmin'), ('system'), ('team'), ('terms'),
  ('trackit'), ('undefined'), ('user'), ('username'), ('webmaster'), ('www');

comment on table private.reserved_usernames is 'Names nobody may take, without case and separators.';

-- Why a username cannot be had, as {state, code, text, rule}; null when it can. One list of rules for sign-up
-- hook, trigger and availability check. `holder` may keep a name that is already theirs.
create function private.username_refusal(username text, holder uuid default null) returns jsonb
  language sql stable security definer set search_path = ''
  return case
    when username is null or username !~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,28}[A-Za-z0-9]$' then jsonb_build_object(
      'state', 'TK103', 'code', 'USAGE_INVALID', 'text', format('username %L is malformed', left(username, 40)),
      'rule', '3 to 30 of a-z, 0-9, ".", "_" and "-", with a letter or digit at both ends'
    )
    when exists (
      select from private.reserved_usernames r
      where r.word = regexp_replace(lower(username), '[._-]', '', 'g')
    ) then jsonb_build_object(
      'state', 'TK102', 'code', 'USAGE_INVALID', 'text', format('username %L is reserved', username),
      'rule', 'a name that is not reserved'
    )
    when exists (
      select from public.profiles p
      where lower(p.username) = lower(username_refusal.username) and p.id is distinct from holder
    ) then jsonb_build_object(
      'state', 'TK101', 'code', 'CONFLICT_USERNAME_TAKEN', 'text', format('username %L is taken', username),
      'rule', 'a name that nobody has, letter case aside'
    )
  end;

create function private.refuse_username(refusal jsonb, username text) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if refusal is not null then
    perform private.fail(
      refusal ->> 'state', refusal ->> 'code', refusal ->> 'text', 'username', username, refusal ->> 'rule'
    );
  end if;
end;
$$;
-- The trigger that guards a profile runs with the rights of whoever saves.
grant execute on function private.username_refusal(text, uuid), private.refuse_username(jsonb, text)
  to authenticated, service_role;

-- Whether a name can be had. Open to strangers, who need it for the sign-up form, and rate-limited, so that it
-- is no way to read the list of names.
create function private.username_available(username text) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.rate_limit('username_available', 60, interval '1 minute');
  return private.username_refusal(username) is null;
end;
$$;
grant execute on function private.username_available(text) to anon, authenticated, service_role;

create function public.username_available(username text) returns boolean
  language sql volatile set search_path = ''
  return private.username_available(username);
comment on function public.username_available(text) is
  'True when this username is well-formed, not reserved and free. 60 calls a minute.';
grant execute on function public.username_available(text) to anon, authenticated, service_role;

-- The same question for a sign-up form: it raises with the reason why a name cannot be had.
create function private.check_username(username text) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.rate_limit('username_available', 60, interval '1 minute');
  perform private.refuse_username(private.username_refusal(username), username);
end;
$$;
grant execute on function private.check_username(text) to anon, authenticated, service_role;

create function public.check_username(username text) returns void
  language sql volatile set search_path = ''
  return private.check_username(username);
comment on function public.check_username(text) is
  'Raises TK101 (taken), TK102 (reserved) or TK103 (malformed) when this username cannot be had. 60 calls a minute, '
  'together with username_available().';
grant execute on function public.check_username(text) to anon, authenticated, service_role;

-- Finds somebody by exact name, for sharing and inviting: four columns, one person, no search.
create function private.lookup_profile(username text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  perform private.rate_limit('lookup_profile', 60, interval '1 minute');
  return (
    select jsonb_build_object(
      'id', p.id, 'username', p.username, 'display_name', p.display_name, 'avatar_url', p.avatar_url
    )
    from public.profiles p
    where lower(p.username) = lower(lookup_profile.username) and p.status = 'active'
  );
end;
$$;
grant execute on function private.lookup_profile(text) to authenticated;

create function public.lookup_profile(username text) returns jsonb
  language sql volatile set search_path = ''
  return private.lookup_profile(username);
comment on function public.lookup_profile(text) is
  '{id, username, display_name, avatar_url} of the active account with exactly this name, or null. 60 calls a minute.';
grant execute on function public.lookup_profile(text) to authenticated;
