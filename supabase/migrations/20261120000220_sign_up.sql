-- Sign-up: the profile comes with the account, within the caps of this installation.

insert into private.settings (name, value, about) values
  ('max_users', 'null', 'Most accounts that this installation takes; null for no cap.'),
  ('sign_ups_per_hour', '1000', 'Most new accounts within an hour, over all addresses; null for no cap.');

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
