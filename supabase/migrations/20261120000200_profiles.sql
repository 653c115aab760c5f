-- Profiles: who somebody is to others. `auth.users` holds the address and the password and belongs to Auth;
-- `profiles` holds everything else, one row per account, made together with it.

create type public.profile_status as enum ('active', 'suspended');
create type public.user_role as enum ('admin', 'member');

create table public.profiles (
  id uuid not null,
  username text not null,
  display_name public.plain_line not null,
  avatar_url public.plain_line,
  locale text not null default 'en',
  time_zone text not null default 'UTC',
  preferences jsonb not null default '{}',
  status public.profile_status not null default 'active',
  plan text not null default 'free',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  constraint profiles_pkey primary key (id),
  constraint profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade,
  -- ASCII only: among all scripts, too many letters look alike to tell two names apart.
  constraint profiles_username_format check (username ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,28}[A-Za-z0-9]$'),
  constraint profiles_display_name_length check (char_length(display_name) between 1 and 80),
  constraint profiles_avatar_url_format check (avatar_url ~ '^https?://[^\s"<>]+$'),
  constraint profiles_locale_format check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'),
  constraint profiles_time_zone_format check (time_zone ~ '^[A-Za-z0-9_+/-]{1,64}$'),
  constraint profiles_preferences_object check (jsonb_typeof(preferences) = 'object'),
  constraint profiles_preferences_plain check (public.json_is_plain(preferences)),
  constraint profiles_plan_format check (plan ~ '^[a-z][a-z0-9-]{0,29}$')
);

create table public.user_roles (
  user_id uuid not null,
  role public.user_role not null,
  granted_at timestamptz not null default now(),
  constraint user_roles_pkey primary key (user_id, role),
  constraint user_roles_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade
);

-- Names that would let their holder speak for the project, or that a page or a program could mistake for its own.
create table private.reserved_usernames (
  word text not null,
  constraint reserved_usernames_pkey primary key (word),
  -- Compared without case and separators, so that `ad.min` is `admin`.
  constraint reserved_usernames_word_folded check (word ~ '^[a-z0-9]+$')
);

alter table public.profiles enable row level security;
alter table public.user_roles enable row level security;
alter table private.reserved_usernames enable row level security;

-- Serves: sign-up and lookup_profile (where lower(username) = …); makes ada and Ada one name.
create unique index profiles_username_key on public.profiles (lower(username));
-- Serves: the administrators' list, newest accounts first, by keyset; and the cap on sign-ups per hour.
create index profiles_created_idx on public.profiles (created_at desc, id desc);

insert into private.reserved_usernames (word) values
  ('about'), ('abuse'), ('account'), ('accounts'), ('admin'), ('administrator'), ('admins'), ('anon'),
  ('anonymous'), ('api'), ('auth'), ('authenticated'), ('authenticator'), ('billing'), ('bot'), ('contact'),
  ('daemon'), ('deleted'), ('everyone'), ('guest'), ('help'), ('helpdesk'), ('hostmaster'), ('info'), ('login'),
  ('logout'), ('mail'), ('mailer'), ('mailerdaemon'), ('me'), ('member'), ('moderator'), ('nobody'), ('noreply'),
  ('null'), ('official'), ('operator'), ('owner'), ('postgres'), ('postmaster'), ('privacy'), ('public'),
  ('register'), ('root'), ('security'), ('self'), ('service'), ('servicerole'), ('settings'), ('signin'),
  ('signup'), ('staff'), ('superuser'), ('supabase'), ('support'), ('sysadmin'), ('system'), ('team'), ('terms'),
  ('trackit'), ('undefined'), ('user'), ('username'), ('webmaster'), ('www');

insert into private.settings (name, value, about) values
  ('max_users', 'null', 'Most accounts that this installation takes; null for no cap.'),
  ('sign_ups_per_hour', '1000', 'Most new accounts within an hour, over all addresses; null for no cap.');

-- Who may still act: an account that is not suspended and not banned, with a session that has not ended, and with
-- the second factor given where one is enrolled. Asked by the restrictive policy of every exposed table and first
-- thing by every definer function, so that a suspension or a sign-out takes effect with the next request and not
-- with the token's end. In plpgsql, whose plan is kept for the session: 13 µs a call instead of 155.
create function private.is_live() returns boolean
  language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (
    select
    from auth.sessions s
      join public.profiles p on p.id = s.user_id
      join auth.users u on u.id = s.user_id
    where s.id = private.session_id()
      and s.user_id = auth.uid()
      and (s.not_after is null or s.not_after > now())
      and p.status = 'active'
      and (u.banned_until is null or u.banned_until <= now())
      and (auth.jwt() ->> 'aal' = 'aal2' or not exists (
        select from auth.mfa_factors f where f.user_id = s.user_id and f.status = 'verified'
      ))
  );
end;
$$;
comment on function private.is_live() is
  'True while the caller''s account is active, its session has not ended, and an enrolled second factor was given.';
-- anon too: a restrictive policy binds whoever is granted a table one day.
grant execute on function private.is_live() to anon, authenticated;

-- The same with a reason: for functions, which can say why they refuse.
create function private.require_live() returns void
  language plpgsql stable security definer set search_path = ''
as $$
begin
  if private.is_live() then
    return;
  end if;
  if exists (select from public.profiles p where p.id = auth.uid() and p.status = 'suspended') then
    perform private.fail('TK002', 'AUTH_SUSPENDED', 'this account is suspended');
  end if;
  if exists (select from auth.sessions s where s.id = private.session_id() and s.user_id = auth.uid())
    and exists (select from auth.mfa_factors f where f.user_id = auth.uid() and f.status = 'verified')
    and auth.jwt() ->> 'aal' is distinct from 'aal2'
  then
    perform private.fail('TK008', 'AUTH_SECOND_FACTOR', 'this account has a second factor, which has not been given');
  end if;
  perform private.fail('TK003', 'AUTH_REQUIRED', 'this call needs a signed-in user whose session has not ended');
end;
$$;
grant execute on function private.require_live() to anon, authenticated, service_role;

-- Roles come from user_roles alone, never from metadata that a user can edit.
create function private.has_role(role text) returns boolean
  language sql stable security definer set search_path = ''
  return exists (
    select from public.user_roles r where r.user_id = auth.uid() and r.role::text = has_role.role
  );
grant execute on function private.has_role(text) to authenticated;

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

-- Why nobody can sign up now; null when they can.
create function private.sign_up_refusal() returns text
  language sql stable set search_path = ''
  return case
    -- At most as many rows are counted as the cap allows; none where there is no cap (limit null would be all).
    when private.setting('max_users') <> 'null' and (
      select count(*) from (
        select from public.profiles limit coalesce((private.setting('max_users') #>> '{}')::bigint, 0)
      ) p
    ) >= (private.setting('max_users') #>> '{}')::bigint
      then 'this installation takes no more accounts'
    when private.setting('sign_ups_per_hour') <> 'null' and (
      select count(*) from (
        select from public.profiles p where p.created_at > now() - interval '1 hour'
        limit coalesce((private.setting('sign_ups_per_hour') #>> '{}')::bigint, 0)
      ) p
    ) >= (private.setting('sign_ups_per_hour') #>> '{}')::bigint
      then 'too many accounts were made within the last hour'
  end;

-- Auth asks this before it makes a user, so that a refusal reaches the form with its reason. It looks at no wish of
-- the user's: it is asked only for addresses that have no account, so whatever it refuses would tell which have.
create function private.before_user_created(event jsonb) returns jsonb
  language plpgsql stable security definer set search_path = ''
as $$
declare
  closed text := private.sign_up_refusal();
begin
  if closed is null then
    return '{}';
  end if;
  return jsonb_build_object('error', jsonb_build_object('http_code', 429, 'message', 'LIMIT_SIGNUPS: ' || closed));
end;
$$;
comment on function private.before_user_created(jsonb) is
  'Auth hook: {} admits a sign-up, {"error": {http_code, message}} refuses it.';
grant execute on function private.before_user_created(jsonb) to supabase_auth_admin;

-- Whether Postgres knows this time zone; `at time zone` raises for one that it does not.
create function private.is_time_zone(name text) returns boolean
  language plpgsql stable set search_path = ''
as $$
begin
  perform now() at time zone name;
  return name is not null;
exception when invalid_parameter_value then
  return false;
end;
$$;

-- Makes the profile with the account. What the user asked for is taken where it is well-formed. An account whose
-- address is not confirmed holds no name of its choice, only a generated one: otherwise a name asked for together
-- with an address would tell, by being free or taken afterwards, whether the address has an account.
create function private.create_profile() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  asked jsonb := coalesce(new.raw_user_meta_data, '{}');
  given_name text := 'user-' || left(replace(new.id::text, '-', ''), 4) || substr(md5(random()::text), 1, 8);
  closed text;
begin
  -- Sign-ups take turns, for the moment that the insert takes: a count is true only for who holds the lock.
  perform pg_advisory_xact_lock(hashtext('sign_ups'));
  closed := private.sign_up_refusal();
  if closed is not null then
    perform private.fail('TK104', 'LIMIT_SIGNUPS', closed);
  end if;
  if asked ->> 'username' is not null and coalesce(new.email_confirmed_at, new.phone_confirmed_at) is not null then
    given_name := asked ->> 'username';
    perform private.refuse_username(private.username_refusal(given_name), given_name);
  end if;
  insert into public.profiles (id, username, display_name, locale, time_zone) values (
    new.id,
    given_name,
    coalesce(private.clean_line(coalesce(asked ->> 'display_name', asked ->> 'full_name'), 80), given_name),
    case when asked ->> 'locale' ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$' then asked ->> 'locale' else 'en' end,
    case
      when asked ->> 'time_zone' ~ '^[A-Za-z0-9_+/-]{1,64}$' and private.is_time_zone(asked ->> 'time_zone')
        then asked ->> 'time_zone'
      else 'UTC'
    end
  );
  insert into public.user_roles (user_id, role) values (new.id, 'member');
  return null;
end;
$$;

create trigger create_profile after insert on auth.users
  for each row execute function private.create_profile();

-- The first confirmation of an account gives it the name that it asked for, if that is still free; else the
-- generated one stays, and its user chooses another.
create function private.claim_username() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  wanted text := new.raw_user_meta_data ->> 'username';
begin
  if wanted is null or private.username_refusal(wanted, new.id) is not null then
    return null;
  end if;
  update public.profiles p set
    username = wanted,
    display_name = case when p.display_name = p.username then wanted else p.display_name end
  where p.id = new.id and p.username ~ '^user-[0-9a-f]{12}$';
  return null;
-- Another account was given the same name at the same moment.
exception when unique_violation or sqlstate 'TK101' then
  return null;
end;
$$;

create trigger claim_username after update of email_confirmed_at, phone_confirmed_at on auth.users
  for each row
  when (
    coalesce(old.email_confirmed_at, old.phone_confirmed_at) is null
    and coalesce(new.email_confirmed_at, new.phone_confirmed_at) is not null
  )
  execute function private.claim_username();

-- A change of name or time zone is checked here, where the error can say which rule was broken.
create function private.guard_profile() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  if new.username is distinct from old.username then
    perform private.refuse_username(private.username_refusal(new.username, new.id), new.username);
  end if;
  if new.time_zone is distinct from old.time_zone and not private.is_time_zone(new.time_zone) then
    perform private.fail(
      'TK105', 'USAGE_INVALID', format('time zone %L is unknown', left(new.time_zone, 64)),
      'time_zone', new.time_zone, 'an IANA name, such as Europe/Lisbon'
    );
  end if;
  return new;
end;
$$;
-- The trigger runs with the rights of whoever saves.
grant execute on function
  private.username_refusal(text, uuid), private.refuse_username(jsonb, text), private.is_time_zone(text)
  to authenticated, service_role;

create trigger guard_profile before update of username, time_zone on public.profiles
  for each row execute function private.guard_profile();

create trigger raise_version
  before update of username, display_name, avatar_url, locale, time_zone, preferences, status, plan
  on public.profiles
  for each row execute function private.raise_version();

-- `status` is the truth; Auth's ban follows it, so that a suspended account cannot sign in or refresh either. Its
-- sessions stay: restored, the same devices go on.
create function private.apply_suspension() returns trigger
  language plpgsql security definer set search_path = ''
as $$
begin
  update auth.users
  -- Auth cannot read 'infinity'.
  set banned_until = case new.status when 'suspended' then now() + interval '100 years' end
  where id = new.id;
  return null;
end;
$$;

create trigger apply_suspension after update of status on public.profiles
  for each row when (old.status is distinct from new.status)
  execute function private.apply_suspension();

comment on table public.profiles is 'What an account shows of itself and how it wants to be served; 1:1 to auth.users.';
comment on column public.profiles.username is 'Unique without letter case; how others find and name this account.';
comment on column public.profiles.locale is 'BCP 47 tag of the language for pages and mail.';
comment on column public.profiles.time_zone is 'IANA name; decides what "today" means.';
comment on column public.profiles.preferences is 'Settings of the apps; any plain JSON object.';
comment on column public.profiles.status is 'A suspended account''s every request is refused; see private.is_live().';
comment on column public.profiles.plan is 'Names the row set of public.limits that applies by default.';
comment on column public.profiles.version is 'Raised by each edit; a save that names an older one is refused.';
comment on table public.user_roles is 'Who is an administrator; every account is a member.';
comment on table private.reserved_usernames is 'Names nobody may take, without case and separators.';

-- No request of a suspended account or an ended session reads or writes anything.
create policy profiles_live on public.profiles as restrictive for all to public
  using ((select private.is_live()));

-- People see their own profile; administrators see all. Others are found by lookup_profile(), which shows less.
create policy profiles_select on public.profiles for select to authenticated
  using (id = (select auth.uid()) or (select private.has_role('admin')));

-- People change their own profile, in the columns granted below.
create policy profiles_update on public.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));

create policy user_roles_live on public.user_roles as restrictive for all to public
  using ((select private.is_live()));

-- People see which roles they have; administrators see everybody's.
create policy user_roles_select on public.user_roles for select to authenticated
  using (user_id = (select auth.uid()) or (select private.has_role('admin')));

grant select on public.profiles, public.user_roles to authenticated;
grant update (username, display_name, avatar_url, locale, time_zone, preferences)
  on public.profiles to authenticated;
grant select, insert, update, delete on public.profiles, public.user_roles to service_role;
-- Not granted to users: insert and delete (a profile comes and goes with its account), status, plan, version and
-- times; any write to user_roles. To anon: nothing.

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

-- The caller's sessions, one per device that is signed in.
create function private.my_sessions()
  returns table (id uuid, created_at timestamptz, last_used_at timestamptz, user_agent text, ip text, current boolean)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_live();
  return query
    select s.id, s.created_at, coalesce(s.refreshed_at at time zone 'UTC', s.updated_at), s.user_agent,
      host(s.ip), s.id = private.session_id()
    from auth.sessions s
    where s.user_id = auth.uid() and (s.not_after is null or s.not_after > now())
    order by s.created_at desc, s.id;
end;
$$;
grant execute on function private.my_sessions() to authenticated;

create function public.my_sessions()
  returns table (id uuid, created_at timestamptz, last_used_at timestamptz, user_agent text, ip text, current boolean)
  language sql stable set search_path = ''
  begin atomic
    select s.id, s.created_at, s.last_used_at, s.user_agent, s.ip, s.current from private.my_sessions() s;
  end;
comment on function public.my_sessions() is 'The caller''s open sessions, newest first; `current` is the one that asks.';
grant execute on function public.my_sessions() to authenticated;

-- Signs one device out. Its refresh tokens go with the session, its access token is dead with the next request.
create function private.revoke_session(session_id uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  delete from auth.sessions s where s.id = revoke_session.session_id and s.user_id = auth.uid();
  return found;
end;
$$;
grant execute on function private.revoke_session(uuid) to authenticated;

create function public.revoke_session(session_id uuid) returns boolean
  language sql volatile set search_path = ''
  return private.revoke_session(session_id);
comment on function public.revoke_session(uuid) is
  'Ends one of the caller''s sessions at once; false when there is no such session.';
grant execute on function public.revoke_session(uuid) to authenticated;
