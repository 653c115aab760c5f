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

alter table public.profiles enable row level security;
alter table public.user_roles enable row level security;

-- Serves: sign-up and lookup_profile (where lower(username) = …); makes ada and Ada one name.
create unique index profiles_username_key on public.profiles (lower(username));
-- Serves: the administrators' list, newest accounts first, by keyset; and the cap on sign-ups per hour.
create index profiles_created_idx on public.profiles (created_at desc, id desc);

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
grant execute on function private.is_time_zone(text) to authenticated, service_role;

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
