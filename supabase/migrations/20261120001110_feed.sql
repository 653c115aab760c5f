-- The feed: which rows a user's devices were told of, numbered without gaps, so that a device knows what it missed.
--
-- Delivery over a channel is never certain: a lost last broadcast leaves no gap that could be seen. Devices compare the
-- number of the last event that they have with that of my_topic(), and read what lies between here. The feed holds
-- names of rows and no content: what is read is the row as it is at that time.

create table private.user_feed (
  user_id uuid not null,
  n bigint not null,
  table_name text not null,
  operation text not null,
  row_id uuid,
  at timestamptz not null default now(),
  constraint user_feed_pkey primary key (user_id, n),
  constraint user_feed_user_id_fkey foreign key (user_id) references private.user_topics (user_id) on delete cascade,
  constraint user_feed_operation_known check (operation in ('insert', 'update', 'delete', 'many')),
  -- `many` stands for more rows than are told one by one, and names none.
  constraint user_feed_row_named check ((row_id is null) = (operation = 'many'))
);

alter table private.user_feed enable row level security;

-- Serves: private.forget_feed (at < …).
create index user_feed_at_idx on private.user_feed (at);

comment on table private.user_feed is 'What each user''s devices were told, for 7 days; numbered by private.user_topics.last_n.';
comment on column private.user_feed.n is 'Rises by one with each event of a user, in the order of commits.';
comment on column private.user_feed.row_id is 'Which row of table_name; null where many changed at once.';

-- A row as its user may see it, which is what a select gives, but for the columns that serve searching and ordering;
-- null when it is not there, or not theirs. A table that is announced has its line here.
create function private.row_of(table_name text, row_id uuid, listener uuid) returns jsonb
  language plpgsql stable set search_path = ''
as $$
declare
  found jsonb;
begin
  case table_name
    when 'rooms' then
      select to_jsonb(r) - 'transcript' into found from public.rooms r
      where r.id = row_id and r.deleted_at is null and exists (
        select from public.room_members m where m.room_id = r.id and m.user_id = listener and m.left_at is null
      );
    when 'devices' then
      select jsonb_build_object('id', i.user_id, 'log_rows', i.rows) into found from public.identities i
      where i.user_id = row_id and i.user_id = listener and i.retired_at is null;
    when 'device_approvals' then
      select jsonb_build_object('id', a.id, 'answered', a.answer is not null) into found
      from public.device_approvals a where a.id = row_id and a.user_id = listener;
    when 'room_grants' then
      select jsonb_build_object('id', g.id, 'room_id', g.room_id, 'device_id', g.device_id) into found
      from public.room_grants g where g.id = row_id and g.recipient = listener;
    when 'goals' then
      select to_jsonb(g) into found from public.goals g where g.id = row_id and g.owner_id = listener;
    when 'tasks' then
      select to_jsonb(t) into found from public.tasks t where t.id = row_id and t.owner_id = listener;
    when 'activities' then
      select to_jsonb(a) into found from public.activities a where a.id = row_id and a.user_id = listener;
    when 'files' then
      select private.file_told(f) into found from public.files f where f.id = row_id and f.owner_id = listener;
    when 'folders' then
      select private.folder_told(f) into found from public.folders f where f.id = row_id and f.owner_id = listener;
    when 'shares' then
      select private.share_told(s) into found from public.shares s where s.id = row_id and s.owner_id = listener;
    when 'share_users' then
      select private.share_user_told(s) into found from public.share_users s
      where s.id = row_id and listener in (s.owner_id, s.user_id);
    when 'profiles' then
      select to_jsonb(p) into found from public.profiles p where p.id = row_id and p.id = listener;
  end case;
  return found - '{search,due_sort}'::text[];
end;
$$;

-- An event as it is told, on the channel and by feed_since(): {v, table, op, row, n}. A row that is gone by now was
-- deleted, whatever else had been done to it; one that is back was inserted.
create function private.event_of(told private.user_feed) returns jsonb
  language plpgsql stable set search_path = ''
as $$
declare
  present constant jsonb := case when told.operation <> 'many'
    then private.row_of(told.table_name, told.row_id, told.user_id) end;
begin
  return jsonb_build_object(
    'v', 1, 'table', told.table_name, 'n', told.n,
    'op', case
      when told.operation = 'many' then 'many'
      when present is null then 'delete'
      when told.operation = 'delete' then 'insert'
      else told.operation
    end,
    'row', coalesce(present, case when told.operation <> 'many' then jsonb_build_object('id', told.row_id) end)
  );
end;
$$;

-- What the caller was told after event `n`, at most `most` at a time: {n, too_old, events}. Where the feed does not
-- reach back that far, or the number was never given, nothing but the tables themselves can tell what has changed.
create function private.feed_since(n bigint, most integer) returns jsonb
  language plpgsql stable security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  head bigint;
  last bigint;
  events jsonb;
begin
  perform private.require_live();
  if most is null or most not between 1 and 200 then
    perform private.fail(
      'TK001', 'USAGE_INVALID', format('limit %s is not from 1 to 200', coalesce(most::text, 'null')),
      'limit', most::text, 'from 1 to 200'
    );
  end if;
  head := (select t.last_n from private.user_topics t where t.user_id = auth.uid());
  if n is null or n not between 0 and head or n < head and not exists (
    select from private.user_feed f where f.user_id = auth.uid() and f.n = feed_since.n + 1
  ) then
    return jsonb_build_object('n', head, 'too_old', true, 'events', '[]'::jsonb);
  end if;
  select coalesce(jsonb_agg(private.event_of(f) order by f.n), '[]'), max(f.n) into events, last from (
    select * from private.user_feed f where f.user_id = auth.uid() and f.n > feed_since.n order by f.n limit most
  ) f;
  -- Numbers follow the ends of transactions, times their beginnings, by which events are forgotten: one may be gone before
  -- another that has a smaller number.
  if last <> n + jsonb_array_length(events) then
    return jsonb_build_object('n', head, 'too_old', true, 'events', '[]'::jsonb);
  end if;
  return jsonb_build_object('n', head, 'too_old', false, 'events', events);
end;
$$;
grant execute on function private.feed_since(bigint, integer) to authenticated;

create function public.feed_since(n bigint, "limit" integer default 100) returns jsonb
  language sql stable set search_path = ''
  return private.feed_since(n, "limit");
comment on function public.feed_since(bigint, integer) is
  '{n, too_old, events}: what the caller was told after event n, oldest first; n is the last there is. too_old: refetch.';
grant execute on function public.feed_since(bigint, integer) to authenticated;

-- Forgets what is older than 7 days, in portions, so that no lock is held long; says how many events went.
create function private.forget_feed(most integer default 20000) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  gone integer;
begin
  delete from private.user_feed where ctid = any (array(
    select f.ctid from private.user_feed f where f.at < now() - interval '7 days' order by f.at limit most
  ));
  get diagnostics gone = row_count;
  return gone;
end;
$$;
comment on function private.forget_feed(integer) is 'Forgets events that are older than 7 days; how many went.';

-- Every quarter of an hour a portion: the feed grows with each change of each user.
insert into private.schedules (name, cron, sql, about) values
  ('feed', '*/15 * * * *', 'select private.forget_feed()', 'Forgets what devices were told more than 7 days ago.');
-- Not granted to anyone: private.user_feed. To anon: nothing.
