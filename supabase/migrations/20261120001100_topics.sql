-- Topics: where the database speaks to somebody's signed-in devices, and who may listen.
--
-- A private channel is authorised when it is joined and not again while it is open. Whoever must stop listening is
-- therefore left behind: the topic carries a revision, which rises, and from then on the database speaks on the next
-- one. Those who may go on are told so on the old one (`moved`) and join anew; the policies let in nobody else.
--
--   user:<id>:<rev>   the database speaks, the user's devices listen; no API role may write there
--   live:<id>:<rev>   the user's devices speak to each other: who is where, what is being typed

-- Beside profiles and not in it: this row is written with every change of anything that its user sees, profiles are
-- shown and announced themselves. The row is also the lock behind which events get their numbers and topics move.
create table private.user_topics (
  user_id uuid not null,
  rev integer not null default 1,
  last_n bigint not null default 0,
  constraint user_topics_pkey primary key (user_id),
  constraint user_topics_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint user_topics_rev_range check (rev > 0),
  constraint user_topics_last_n_range check (last_n >= 0)
) with (fillfactor = 50);

alter table private.user_topics enable row level security;

comment on table private.user_topics is 'Where a user''s devices listen, and how many events they were told.';
comment on column private.user_topics.rev is 'Raised by a suspension or ban and by the end of a session; part of the topic.';
comment on column private.user_topics.last_n is 'The number of the last event; see private.user_feed.';

create function private.open_topic() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into private.user_topics (user_id) values (new.id);
  return null;
end;
$$;

create trigger open_topic after insert on public.profiles
  for each row execute function private.open_topic();

-- Accounts that are there already.
insert into private.user_topics (user_id) select p.id from public.profiles p;

-- What a topic says. A further kind is added here and to may_hear and may_speak, which say who it is for; those of rooms
-- come with rooms.
create type private.topic as (kind text, id uuid, rev integer);
comment on type private.topic is 'A topic taken apart: what kind of thing it is about, which one, in which revision.';

-- Reads a topic; null for everything that the database would not have written, to the last letter.
create function private.parse_topic(topic text) returns private.topic
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
declare
  parts constant text[] := regexp_match(
    topic, '^(user|live|room):([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):([1-9][0-9]{0,8})$'
  );
begin
  if parts is null then
    return null;
  end if;
  return row (parts[1], parts[2]::uuid, parts[3]::integer)::private.topic;
end;
$$;
comment on function private.parse_topic(text) is
  'user:<id>:<rev>, room:<id>:<rev> or live:<id>:<rev> taken apart; null for anything else.';

create function private.user_topic(listener uuid, rev integer) returns text
  language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return format('user:%s:%s', listener, rev);
end;
$$;

-- Whether the caller may listen to a topic. In plpgsql, whose plan is kept for the session.
create function private.may_hear(topic text) returns boolean
  language plpgsql stable security definer set search_path = ''
as $$
declare
  asked constant private.topic := private.parse_topic(topic);
begin
  return asked.kind in ('user', 'live') and exists (
    select from private.user_topics t
    where t.user_id = auth.uid() and t.user_id = asked.id and t.rev = asked.rev
  );
end;
$$;

-- Whether the caller may write on a topic. Never where the database speaks: a policy sees no event names, so that
-- whoever could write there could forge a row.
create function private.may_speak(topic text) returns boolean
  language plpgsql stable security definer set search_path = ''
as $$
begin
  return (private.parse_topic(topic)).kind = 'live' and private.may_hear(topic);
end;
$$;
grant execute on function private.may_hear(text), private.may_speak(text) to authenticated;

-- Accounts that are suspended and sessions that have ended join nothing.
create policy messages_live on realtime.messages as restrictive for all to public
  using ((select private.is_live()));

-- People listen on topics of their own, in their present revision. The row's own topic is compared as well: Realtime
-- asks with a row of the topic that it asks about.
create policy messages_select on realtime.messages for select to authenticated
  using (
    topic = (select realtime.topic()) and extension in ('broadcast', 'presence')
      and (select private.may_hear((select realtime.topic())))
  );

-- People write on topics of their own that are for devices, and on no other.
create policy messages_insert on realtime.messages for insert to authenticated
  with check (
    topic = (select realtime.topic()) and extension in ('broadcast', 'presence')
      and (select private.may_speak((select realtime.topic())))
  );

-- Where the caller's devices listen, and how far the events have come.
create function private.my_topic() returns jsonb
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_live();
  return (
    select jsonb_build_object('topic', private.user_topic(t.user_id, t.rev), 'rev', t.rev, 'n', t.last_n)
    from private.user_topics t where t.user_id = auth.uid()
  );
end;
$$;
grant execute on function private.my_topic() to authenticated;

create function public.my_topic() returns jsonb
  language sql stable set search_path = ''
  return private.my_topic();
comment on function public.my_topic() is
  '{topic, rev, n}: the caller''s private channel, its revision, and the number of the last event on it.';
grant execute on function public.my_topic() to authenticated;
-- Not granted to anyone: private.user_topics. To anon: nothing.
