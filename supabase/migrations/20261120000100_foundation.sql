-- Foundation: what every later migration stands on.
--
-- The text rules that keep markup and trick characters out of the database, the test whether a caller may still
-- act at all (is_live), one way to refuse (fail), row versions, and rate limits. No table of this file is exposed.
--
-- Register of security definer functions. Each runs with the rights of its owner because the caller lacks a right
-- that the answer needs; each lives in `private`, which the API does not expose. A gate compares this list with
-- the catalogue.
--
--   private.is_live                  reads auth.sessions and auth.users, closed to API roles
--   private.require_live             reads the same, to say which of the reasons applies
--   private.rate_limit               counts in a table that callers must not be able to clear
--   private.has_role                 reads user_roles of the caller past its own policy, which asks has_role
--   private.username_refusal         reads usernames of people whom the caller may not see
--   private.username_available       the same, behind a rate limit
--   private.check_username           the same, with the reason
--   private.lookup_profile           shows four columns of a profile whose row the caller may not see
--   private.before_user_created      runs as the auth server, which has no rights here
--   private.create_profile           runs as the auth server, which has no rights here
--   private.claim_username           runs as the auth server, which has no rights here
--   private.apply_suspension         writes auth.users.banned_until
--   private.my_sessions              reads auth.sessions
--   private.revoke_session           deletes from auth.sessions
--   private.check_limits             counts rows past the caller's policies; an owner's limit binds editors too
--   private.my_limits                the same, for display
--   private.guard_goal               compares titles of the owner's goals, also for a caller who sees only some
--   private.carry_goal_tasks         deletes and restores tasks with their goal, whoever may see them
--   private.guard_task               walks the tree of tasks past the caller's policies
--   private.carry_subtasks           moves, deletes and restores subtasks with their task
--   private.count_goal_tasks         writes counters that no API role may write
--   private.log_activity             writes the feed, which no API role may write
--   private.forget_activities        deletes from the feed, which no API role may delete from
--   private.hits                     searches by indexes that policies keep a caller's own query from using
--   private.function_admit           counts calls and reads accounts and sessions for functions, which see neither
--   private.claim_jobs               reads queues, which no API role may touch
--   private.perform_jobs             has effects that no API role may have by itself, once
--   private.finish_jobs              takes jobs off queues, which no API role may touch
--   private.fail_job                 the same, or puts them off
--   private.begin_mail               reads addresses for the worker, which sees no account
--   private.mail_sent                writes the outbox, which no API role may touch
--   private.mail_unsubscribe         acts for the owner of a link, who need not be signed in
--   private.my_mail_preferences      reads a table that no API role may touch
--   private.set_mail_preference      writes it, for the caller alone
--   private.tell_suspension          writes to the outbox for whoever suspends
--   private.note_reminder            keeps reminders for whoever writes a task
--   private.open_topic               writes a counter that no API role may touch
--   private.may_hear                 reads it, for policies on realtime.messages
--   private.may_speak                the same
--   private.my_topic                 the same, for display
--   private.feed_since               reads the feed of events, which no API role may touch
--   private.note_owned               notes for the feed what a caller's statement changed
--   private.note_activities          the same
--   private.note_profile             the same
--   private.note_ban                 the same; runs as the auth server, which has no rights here
--   private.note_ended_sessions      the same; runs as the auth server, which has no rights here
--   private.tell_changes             writes the feed and speaks where no API role may speak
--   private.append_device_entry      writes device logs, which no API role may write; the same for the calls below
--   private.read_device_logs         reads logs of people whose rows the caller may not see
--   private.my_rooms                 reads room_members past its own policy, which asks my_rooms
--   private.my_admin_rooms           the same, for what admins see
--   private.create_room              writes rooms
--   private.change_room_by           writes rooms, their logs and epochs
--   private.send_messages            writes messages
--   private.withdraw_messages        writes messages
--   private.heads                    counts rows of device logs of people whose rows the caller may not see
--   private.mark_read                writes marks
--   private.silence_rooms            moves topics; runs as the auth server, which has no rights here
--   private.set_blocked              writes blocks, without saying whether there is such a user
--   private.report_user              writes reports
--   private.erase_account            writes room logs; runs as the auth server, which has no rights here
--   private.request_approval         writes approvals
--   private.answer_approval          writes approvals
--   private.put_backup               writes backups
--   private.put_vault_items          writes the vault
--   private.post_grant               writes grants
--   private.drop_grants              deletes grants, which no API role may delete
--   private.invited_log              reads the log of a room that the caller is not in yet
--   private.request_join             writes requests to join
--   private.drop_join_requests       deletes requests, which no API role may delete
--   private.readable_from            reads files, shares by name and rooms past their policies, for policies on objects
--   private.can_read_file            the same
--   private.can_read_object          the same
--   private.files_of                 reads the caller's files by indexes that policies keep a caller's own query from using
--   private.read_files               reads files whose rows the caller may not see, without where they are kept
--   private.shared_with_me           the same
--   private.note_shared              notes for the feed what a caller's statement changed
--   private.count_bytes              counts what an account stores, which no API role may write
--   private.doom_versions            writes queues, which no API role may touch
--   private.removals_of              reads removals, which no API role may touch
--   private.note_removed             writes them
--   private.may_upload               reads reservations, for policies on storage.objects
--   private.guard_object             reads reservations; runs as the storage server, which has no rights here
--   private.reserve_file             writes files; the same for the calls below
--   private.reserve_version          writes versions
--   private.complete_upload          writes versions, and reads storage.objects past its policies
--   private.cancel_upload            deletes files, which no API role may delete
--   private.create_folder            writes folders
--   private.change_folder            writes folders
--   private.purge_folder             deletes folders
--   private.change_file              writes files
--   private.reseal_versions          writes versions
--   private.purge_files              deletes files
--   private.restore_version          writes files
--   private.attach_file              writes files
--   private.detach_file              writes files
--   private.create_share             writes links and their secrets, which no API role may touch
--   private.change_share             writes links
--   private.revoke_share             writes links
--   private.person_told              shows four columns of a profile whose row the caller may not see
--   private.share_file               writes share_users, and reads who has blocked the caller
--   private.unshare_file             deletes from share_users
--   private.share_redeem             reads secrets of links, and counts
--   private.share_renew              reads grants, which no API role may touch
--   private.hold_files               runs as the auth server, which has no rights here

create extension if not exists pgcrypto with schema extensions;
create extension if not exists unaccent with schema extensions;

-- Nothing is open by default: projects of older platforms grant every new table and function of `public` to the
-- API roles, and Postgres itself lets everybody execute every function.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
alter default privileges revoke execute on functions from public;

-- Helpers that are no part of the API. Usage lets policies and triggers of a caller reach them by name; which of
-- them a caller may execute is granted one by one.
create schema if not exists private;
comment on schema private is 'Helpers behind the API: never listed among the exposed schemas.';
revoke all on schema private from public;
grant usage on schema private to anon, authenticated, service_role, supabase_auth_admin;

-- Checks run for every value that is written: in plpgsql, which keeps its plans for the session; a body in SQL is
-- planned anew by each statement.

-- Text that no browser can read as markup: `<` before a letter, `/`, `!` or `?` is the only way to open a tag.
create function public.is_free_of_markup(value text) returns boolean
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return value !~ '<[A-Za-z/!?]';
end;
$$;

-- No control characters but tab and line ends, and none that turn the direction of what follows (U+202A…202E,
-- U+2066…2069), with which a name can be made to read as another.
create function public.is_free_of_controls(value text) returns boolean
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return value !~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]';
end;
$$;

-- One line without space at its ends; the set of spaces is that of JavaScript's trim().
create function public.is_one_line(value text) returns boolean
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return value !~ '[\t\n\r\u2028\u2029]|^[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]|[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]$';
end;
$$;

-- The whole rule of plain_text, for values that no domain can hold (elements of arrays and of JSON).
create function public.is_plain_text(value text) returns boolean
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return char_length(value) <= 20000 and value is nfc normalized
    and public.is_free_of_markup(value) and public.is_free_of_controls(value);
end;
$$;

create function public.is_plain_line(value text) returns boolean
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return char_length(value) <= 1000 and public.is_plain_text(value) and public.is_one_line(value);
end;
$$;

-- JSON that users write: every string and every key is plain text, at most 16 KiB as text, at most 6 levels deep.
-- Size and depth come first, so that a large value is refused before it is walked.
create function public.json_is_plain(value jsonb) returns boolean
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  if value = '{}' then
    return true;
  end if;
  if octet_length(value::text) > 16384 or jsonb_path_exists(value, 'strict $.**{7 to last}') then
    return false;
  end if;
  return not exists (
    select from jsonb_path_query(value, 'strict $.** ? (@.type() == "string")') as found (item)
    where not public.is_plain_text(found.item #>> '{}')
  ) and not exists (
    select from jsonb_path_query(value, 'strict $.** ? (@.type() == "object").keyvalue().key') as found (item)
    where not public.is_plain_text(found.item #>> '{}')
  );
end;
$$;

-- Tags: at most 20, each a line of 1 to 50 characters, none twice.
create function public.tags_are_plain(value text[]) returns boolean
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  if cardinality(value) = 0 then
    return true;
  end if;
  return cardinality(value) <= 20 and array_ndims(value) = 1 and (
    select bool_and(coalesce(public.is_plain_line(tag) and char_length(tag) between 1 and 50, false))
      and count(distinct tag) = count(*)
    from unnest(value) as tag
  );
end;
$$;

comment on function public.is_free_of_markup(text) is 'No "<" that opens a tag: before a letter, "/", "!" or "?".';
comment on function public.is_free_of_controls(text) is 'No control characters but tab and line ends; no direction overrides.';
comment on function public.is_one_line(text) is 'No line ends, no space at either end.';
comment on function public.is_plain_text(text) is 'The rule of plain_text as a function.';
comment on function public.is_plain_line(text) is 'The rule of plain_line as a function.';
comment on function public.json_is_plain(jsonb) is 'Strings and keys are plain text; at most 16 KiB and 6 levels.';
comment on function public.tags_are_plain(text[]) is 'At most 20 plain lines of 1 to 50 characters, none twice.';

-- Each rule has a name of its own, so that the error says which one was broken.
create domain public.plain_line as text
  constraint plain_line_length check (char_length(value) <= 1000)
  constraint plain_line_nfc check (value is nfc normalized)
  constraint plain_line_no_controls check (public.is_free_of_controls(value))
  constraint plain_line_no_markup check (public.is_free_of_markup(value))
  constraint plain_line_one_line check (public.is_one_line(value));
comment on domain public.plain_line is
  'One trimmed line in NFC: no control characters, no direction overrides, no "<" that opens a tag.';

create domain public.plain_text as text
  constraint plain_text_length check (char_length(value) <= 20000)
  constraint plain_text_nfc check (value is nfc normalized)
  constraint plain_text_no_controls check (public.is_free_of_controls(value))
  constraint plain_text_no_markup check (public.is_free_of_markup(value));
comment on domain public.plain_text is
  'Text of many lines in NFC: no control characters, no direction overrides, no "<" that opens a tag.';

-- A domain's check runs with the rights of whoever writes: without these grants every insert would fail.
grant execute on function
  public.is_free_of_markup(text), public.is_free_of_controls(text), public.is_one_line(text),
  public.is_plain_text(text), public.is_plain_line(text), public.json_is_plain(jsonb),
  public.tags_are_plain(text[])
  to anon, authenticated, service_role;

-- The companion of the rules, for text that comes from elsewhere (a provider's profile) and must not make the
-- write fail: the nearest text that plain_line admits, cut at `longest` characters; null when nothing is left.
create function private.clean_line(value text, longest integer) returns text
  language sql immutable parallel safe set search_path = ''
  return nullif(regexp_replace(
    left(
      regexp_replace(
        regexp_replace(
          normalize(regexp_replace(value, '[\u202a-\u202e\u2066-\u2069]', '', 'g'), NFC),
          '[\s\u0001-\u001f\u007f-\u009f\u2028\u2029\ufeff]+', ' ', 'g'
        ),
        '<(?=[A-Za-z/!?])', '< ', 'g'
      ),
      longest
    ),
    '^[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]+|[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]+$', '', 'g'
  ), '');

-- Titles that look alike are alike: compatibility forms, letter case and outer space do not count.
create function private.title_key(title text) returns text
  language sql immutable strict parallel safe set search_path = ''
  return lower(btrim(normalize(title, NFKC)));

-- Searching ignores letter case and accents, on both sides, and knows no language: titles are too short and too
-- mixed for stemming. A configuration of our own, so that `search=wfts(trackit).são` folds the query as well.
create text search configuration public.trackit (copy = pg_catalog.simple);
alter text search configuration public.trackit
  alter mapping for hword, hword_part, word with extensions.unaccent, simple;
comment on text search configuration public.trackit is 'Words without letter case and accents, in any language.';

create function private.join_words(words text[]) returns text
  language sql immutable strict parallel safe set search_path = ''
  return array_to_string(words, ' ');
comment on function private.join_words(text[]) is
  'array_to_string() of text, which is immutable although the general one is not.';

-- Executed by whoever writes a row with a key or a search vector.
grant execute on function private.title_key(text), private.join_words(text[])
  to anon, authenticated, service_role;

-- The one way to refuse: a five-character code of class TK, `CODE: text`, and a DETAIL that names field, value
-- and rule, from which the SDK makes its error. docs/errors.md lists the codes.
create function private.fail(
  state text, code text, what text,
  field text default null, value text default null, rule text default null, hint text default null
) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  -- A refused value may be as long as a book; its head is enough to recognise it.
  detail text := jsonb_build_object('field', field, 'value', left(value, 200), 'rule', rule)::text;
  message text := code || ': ' || what;
begin
  if hint is null then
    raise exception using errcode = state, message = message, detail = detail;
  end if;
  raise exception using errcode = state, message = message, detail = detail, hint = hint;
end;
$$;
grant execute on function private.fail(text, text, text, text, text, text, text)
  to anon, authenticated, service_role;

-- The session that the caller's token was made in; null on a bare key and on rubbish.
create function private.session_id() returns uuid
  language plpgsql stable set search_path = ''
as $$
declare
  id constant text := auth.jwt() ->> 'session_id';
begin
  return case when pg_input_is_valid(id, 'uuid') then id::uuid end;
end;
$$;
grant execute on function private.session_id() to anon, authenticated, service_role;

-- Raises the version of an edited row. Its triggers name the columns that people edit, so that what the database
-- keeps by itself (progress, counters) is no edit and makes nobody's next save a conflict.
create function private.raise_version() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end;
$$;

-- Counts of calls per window. Unlogged: after a crash the windows start anew, which harms nobody.
create unlogged table private.rate_limits (
  bucket text not null,
  caller text not null,
  window_start timestamptz not null,
  hits integer not null,
  constraint rate_limits_pkey primary key (bucket, caller)
);
alter table private.rate_limits enable row level security;
comment on table private.rate_limits is 'How often a caller has used a limited call in the present window.';
comment on column private.rate_limits.caller is 'User id, or the network address of a caller without one.';

-- What an address is counted as: a caller with IPv6 has a network of 2^64 of them, each as good as the next.
create function private.counted_address(address text) returns text
  language sql stable set search_path = ''
  return case
    when not pg_input_is_valid(address, 'inet') then address
    when family(address::inet) = 6 and not address::inet << '::ffff:0:0/96' then
      network(set_masklen(address::inet, 64))::text
    else address
  end;

-- Who is calling, for counting: the user, else the address that the platform's edge puts first in reach
-- (every gateway in front of the API overwrites what the client claims; on hosted it is Cloudflare).
create function private.caller() returns text
  language sql stable set search_path = ''
  return coalesce(
    auth.uid()::text,
    private.counted_address(left(coalesce(
      nullif(current_setting('request.headers', true), '')::jsonb ->> 'cf-connecting-ip',
      btrim(split_part(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-forwarded-for', ',', -1))
    ), 64)),
    'unknown'
  );

-- Admits `most` calls per window and caller, then refuses until the window has passed. A refused call is not
-- counted: its transaction ends with it.
create function private.rate_limit(bucket text, most integer, per interval) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  counted private.rate_limits;
begin
  insert into private.rate_limits as known (bucket, caller, window_start, hits)
  values (rate_limit.bucket, private.caller(), now(), 1)
  on conflict on constraint rate_limits_pkey do update set
    hits = case when known.window_start <= now() - per then 1 else known.hits + 1 end,
    window_start = case when known.window_start <= now() - per then now() else known.window_start end
  returning * into counted;
  -- Now and then, what is long over is swept out; there is no schedule to wait for.
  if random() < 0.001 then
    delete from private.rate_limits r where r.ctid = any (array(
      select old.ctid from private.rate_limits old
      where old.window_start < now() - interval '1 day' limit 1000 for update skip locked
    ));
  end if;
  if counted.hits > most then
    perform private.fail(
      'TK004', 'LIMIT_RATE', format('%s was called more than %s times within %s', bucket, most, per),
      null, null, format('%s calls per %s', most, per),
      format('retry after %s s', ceil(extract(epoch from counted.window_start + per - now())))
    );
  end if;
end;
$$;
comment on function private.rate_limit(text, integer, interval) is
  'Refuses with LIMIT_RATE (TK004) beyond `most` calls of `bucket` per window and caller.';

-- What an operator may change without a migration.
create table private.settings (
  name text not null,
  value jsonb not null,
  about text not null,
  constraint settings_pkey primary key (name)
);
alter table private.settings enable row level security;
comment on table private.settings is 'Switches and caps of this installation; changed by its operator in SQL.';

create function private.setting(name text) returns jsonb
  language sql stable set search_path = ''
  return (select s.value from private.settings s where s.name = setting.name);
