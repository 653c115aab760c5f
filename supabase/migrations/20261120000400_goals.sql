-- Goals: what somebody wants to reach. Open titles are unique per owner, deleting is undone by restoring, and
-- progress follows the goal's tasks by itself.

create type public.goal_status as enum ('open', 'done', 'dropped', 'archived');

create table public.goals (
  id uuid not null default gen_random_uuid(),
  owner_id uuid not null default auth.uid(),
  title public.plain_line not null,
  description public.plain_text not null default '',
  status public.goal_status not null default 'open',
  priority smallint not null default 0,
  colour text,
  icon public.plain_line,
  starts_on date,
  due_at timestamptz,
  position text collate "C" not null default 'a0',
  custom jsonb not null default '{}',
  tasks_total integer not null default 0,
  tasks_done integer not null default 0,
  progress real not null generated always as (
    case when tasks_total = 0 then 0 else tasks_done::real / tasks_total end
  ) stored,
  completed_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  due_sort timestamptz not null generated always as (coalesce(due_at, 'infinity')) stored,
  search tsvector not null generated always as (
    setweight(to_tsvector('public.trackit', title), 'A') || setweight(to_tsvector('public.trackit', description), 'C')
  ) stored,
  constraint goals_pkey primary key (id),
  constraint goals_owner_id_fkey foreign key (owner_id) references public.profiles (id) on delete cascade,
  constraint goals_title_length check (char_length(title) between 1 and 200),
  constraint goals_description_length check (char_length(description) <= 10000),
  constraint goals_priority_range check (priority between 0 and 3),
  constraint goals_colour_format check (colour ~ '^(#[0-9a-fA-F]{6}|[a-z]{1,24})$'),
  constraint goals_icon_length check (char_length(icon) between 1 and 32),
  -- The day of the deadline depends on the time zone, hence one day of grace.
  constraint goals_dates_order check (starts_on <= (due_at at time zone 'UTC')::date + 1),
  constraint goals_due_at_range check (due_at between '1900-01-01 UTC' and '9999-12-31 UTC'),
  constraint goals_starts_on_range check (starts_on between '1900-01-01' and '9999-12-31'),
  constraint goals_position_format check (position ~ '^[A-Za-z][0-9A-Za-z]{1,127}$'),
  constraint goals_custom_object check (jsonb_typeof(custom) = 'object'),
  constraint goals_custom_plain check (public.json_is_plain(custom)),
  constraint goals_tasks_range check (tasks_done between 0 and tasks_total)
);

alter table public.goals enable row level security;

-- Serves: the rule that an owner has one open goal of a title; and the search for a free title.
create unique index goals_owner_title_open_key on public.goals (owner_id, private.title_key(title))
  where status = 'open' and deleted_at is null;
-- Serves: lists in the owner's own order, the default (owner_id = … and deleted_at is null order by position, id).
create index goals_owner_position_idx on public.goals (owner_id, position, id) where deleted_at is null;
-- Serves: newest first; and, being the one index on all rows of an owner, the cascade from profiles.
create index goals_owner_created_idx on public.goals (owner_id, created_at, id);
-- Serves: lately changed first.
create index goals_owner_updated_idx on public.goals (owner_id, updated_at, id) where deleted_at is null;
-- Serves: nearest deadline first, overdue, due today, due soon (due_sort between … and …).
create index goals_owner_due_idx on public.goals (owner_id, due_sort, id) where deleted_at is null;
-- Serves: most important first.
create index goals_owner_priority_idx on public.goals (owner_id, priority, id) where deleted_at is null;
-- Serves: the trash.
create index goals_owner_deleted_idx on public.goals (owner_id, position, id) where deleted_at is not null;
-- Indexes of `custom` and `search` stand with the functions that can use them, in search.

-- Whether an open goal of an owner, other than `but`, has a title that looks alike. Written so that the unique index
-- answers it.
create function private.title_taken(owner uuid, wanted text, but uuid) returns boolean
  language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.goals g
    where g.owner_id = owner and private.title_key(g.title) = private.title_key(wanted)
      and g.status = 'open' and g.deleted_at is null and g.id is distinct from but
  );
end;
$$;

-- A title that is free for an owner: "Run (2)", "Run (3)" …
create function private.free_title(owner uuid, title text) returns text
  language plpgsql stable set search_path = ''
as $$
declare
  proposal text;
begin
  for n in 2 .. 10000 loop
    -- Cut, so that it is no longer than a title may be.
    proposal := left(title, 192) || format(' (%s)', n);
    exit when not private.title_taken(owner, proposal, null);
  end loop;
  return proposal;
end;
$$;

-- Keeps the times that follow from a change of state, and refuses a title that is taken with one that is free.
-- The unique index is the guarantee under races; this gives the reason in the ordinary case.
create function private.guard_goal() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  was_deleted timestamptz;
  was_completed timestamptz;
  was_title text;
  proposed text;
begin
  -- A row in somebody else's name: left to the policy, which refuses it after this. Any answer from here would tell
  -- what that person's goals are called.
  if tg_op = 'INSERT' and auth.uid() is distinct from new.owner_id and auth.uid() is not null then
    return new;
  end if;
  if tg_op = 'INSERT' then
    -- One person's goals are made one after the other: of two with one id at the same moment, both would look before
    -- either is there, and the later, made to do nothing, be refused for its own title.
    perform pg_advisory_xact_lock(hashtext('goals'), hashtext(new.owner_id::text));
  end if;
  if tg_op = 'UPDATE' then
    was_deleted := old.deleted_at;
    was_completed := old.completed_at;
    was_title := case when old.status = 'open' and old.deleted_at is null then private.title_key(old.title) end;
  end if;
  -- The server's clock decides when; deleting twice keeps the first time.
  new.deleted_at := case when new.deleted_at is not null then coalesce(was_deleted, now()) end;
  new.completed_at := case when new.status = 'done' then coalesce(was_completed, now()) end;

  if new.status = 'open' and new.deleted_at is null
    and private.title_key(new.title) is distinct from was_title
    and private.title_taken(new.owner_id, new.title, new.id)
    -- A repeated create finds its own row and must not fail for what happened since.
    and (tg_op = 'UPDATE' or not exists (select from public.goals g where g.id = new.id))
  then
    proposed := private.free_title(new.owner_id, new.title);
    raise exception using
      errcode = 'TK301',
      message = format('CONFLICT_TITLE_TAKEN: another open goal is called %L', new.title),
      detail = jsonb_build_object(
        'field', 'title', 'value', new.title, 'rule', 'unique among the owner''s open goals, letter case aside',
        'proposed', proposed
      )::text,
      hint = format('%L is free', proposed);
  end if;
  return new;
end;
$$;

create trigger guard before insert or update of title, status, deleted_at on public.goals
  for each row execute function private.guard_goal();

create trigger raise_version
  before update of title, description, status, priority, colour, icon, starts_on, due_at, position, custom, deleted_at
  on public.goals
  for each row execute function private.raise_version();

create trigger limit_insert after insert on public.goals
  referencing new table as added
  for each statement execute function private.check_limits();

create trigger limit_update after update on public.goals
  referencing old table as removed new table as added
  for each statement execute function private.check_limits();

create trigger limit_delete after delete on public.goals
  referencing old table as removed
  for each statement execute function private.check_limits();

comment on table public.goals is 'What somebody wants to reach; made of tasks.';
comment on column public.goals.id is 'UUID, version 7 when the SDK makes it; a repeated create with it is recognised.';
comment on column public.goals.title is 'Unique among the owner''s open goals by NFKC, letter case and outer space aside.';
comment on column public.goals.priority is '0 none, 1 low, 2 medium, 3 high.';
comment on column public.goals.colour is 'A name or #rrggbb.';
comment on column public.goals.position is 'Fractional index in the owner''s own order, compared byte by byte.';
comment on column public.goals.custom is 'Fields of one''s own: a plain JSON object, found by containment.';
comment on column public.goals.tasks_total is 'Tasks that count: neither deleted nor cancelled. Kept by triggers of tasks.';
comment on column public.goals.tasks_done is 'Those of them that are done.';
comment on column public.goals.progress is 'tasks_done / tasks_total, 0 without tasks.';
comment on column public.goals.completed_at is 'When the goal was last set to done; null in any other state.';
comment on column public.goals.deleted_at is 'Set to delete, null to restore; tasks go and come back with their goal.';
comment on column public.goals.due_sort is 'due_at for ordering: goals without a deadline come last.';
comment on column public.goals.search is 'Words of title and description, letter case and accents aside.';
comment on column public.goals.version is 'Raised by each edit; a save that names an older one is refused.';

create policy goals_live on public.goals as restrictive for all to public
  using ((select private.is_live()));

-- People see their own goals, deleted ones too: lists leave those out, the trash shows them.
create policy goals_select on public.goals for select to authenticated
  using (owner_id = (select auth.uid()));

-- People make goals for themselves.
create policy goals_insert on public.goals for insert to authenticated
  with check (owner_id = (select auth.uid()));

-- People change their own goals, in the columns granted below.
create policy goals_update on public.goals for update to authenticated
  using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));

grant select on public.goals to authenticated;
grant insert (id, owner_id, title, description, status, priority, colour, icon, starts_on, due_at, position, custom)
  on public.goals to authenticated;
grant update (title, description, status, priority, colour, icon, starts_on, due_at, position, custom, deleted_at)
  on public.goals to authenticated;
grant select, insert, update, delete on public.goals to service_role;
-- Not granted to users: delete (deleted_at is set instead, and can be undone), a change of owner, what triggers
-- keep (counters, progress, completed_at, version, times). To anon: nothing.
