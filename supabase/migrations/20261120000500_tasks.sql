-- Tasks: the steps. They may stand alone, belong to a goal, and have subtasks.

create type public.task_status as enum ('todo', 'doing', 'blocked', 'done', 'cancelled');

create table public.tasks (
  id uuid not null default gen_random_uuid(),
  owner_id uuid not null default auth.uid(),
  goal_id uuid,
  parent_id uuid,
  title public.plain_line not null,
  description public.plain_text not null default '',
  status public.task_status not null default 'todo',
  priority smallint not null default 0,
  assignee_id uuid,
  due_at timestamptz,
  remind_at timestamptz,
  rrule text,
  tags text[] not null default '{}',
  position text collate "C" not null default 'a0',
  custom jsonb not null default '{}',
  completed_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  due_sort timestamptz not null generated always as (coalesce(due_at, 'infinity')) stored,
  search tsvector not null generated always as (
    setweight(to_tsvector('public.trackit', title), 'A')
    || setweight(to_tsvector('public.trackit', private.join_words(tags)), 'B')
    || setweight(to_tsvector('public.trackit', description), 'C')
  ) stored,
  constraint tasks_pkey primary key (id),
  constraint tasks_owner_id_fkey foreign key (owner_id) references public.profiles (id) on delete cascade,
  constraint tasks_goal_id_fkey foreign key (goal_id) references public.goals (id) on delete cascade,
  constraint tasks_parent_id_fkey foreign key (parent_id) references public.tasks (id) on delete cascade,
  constraint tasks_assignee_id_fkey foreign key (assignee_id) references public.profiles (id) on delete set null,
  constraint tasks_title_length check (char_length(title) between 1 and 200),
  constraint tasks_description_length check (char_length(description) <= 10000),
  constraint tasks_priority_range check (priority between 0 and 3),
  constraint tasks_due_at_range check (due_at between '1900-01-01 UTC' and '9999-12-31 UTC'),
  constraint tasks_remind_at_range check (remind_at between '1900-01-01 UTC' and '9999-12-31 UTC'),
  -- Repeats by the hour or faster would be an alarm clock, and a load.
  constraint tasks_rrule_format check (
    char_length(rrule) <= 500 and rrule ~ '^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[A-Z0-9,+-]+)*$'
  ),
  constraint tasks_tags_plain check (public.tags_are_plain(tags)),
  constraint tasks_position_format check (position ~ '^[A-Za-z][0-9A-Za-z]{1,127}$'),
  constraint tasks_custom_object check (jsonb_typeof(custom) = 'object'),
  constraint tasks_custom_plain check (public.json_is_plain(custom))
);

alter table public.tasks enable row level security;

-- Serves: lists in the owner's own order, the default (owner_id = … and deleted_at is null order by position, id).
create index tasks_owner_position_idx on public.tasks (owner_id, position, id) where deleted_at is null;
-- Serves: newest first; and, being the one index on all rows of an owner, the cascade from profiles.
create index tasks_owner_created_idx on public.tasks (owner_id, created_at, id);
-- Serves: lately changed first.
create index tasks_owner_updated_idx on public.tasks (owner_id, updated_at, id) where deleted_at is null;
-- Serves: nearest deadline first, overdue, due today, due soon (due_sort between … and …).
create index tasks_owner_due_idx on public.tasks (owner_id, due_sort, id) where deleted_at is null;
-- Serves: most important first.
create index tasks_owner_priority_idx on public.tasks (owner_id, priority, id) where deleted_at is null;
-- Serves: the trash.
create index tasks_owner_deleted_idx on public.tasks (owner_id, position, id) where deleted_at is not null;
-- Serves: a goal's tasks in order, and tasks without a goal. The owner comes first although a goal has one: the
-- policy asks for both, and with an index on the goal alone Postgres would read another one to intersect with.
create index tasks_owner_goal_idx on public.tasks (owner_id, goal_id, position, id) where deleted_at is null;
-- Serves: tasks that go and come back with their goal, and the cascade from goals.
create index tasks_goal_idx on public.tasks (goal_id) where goal_id is not null;
-- Serves: a task's subtasks in order, the walk down the tree, and the cascade from tasks.
create index tasks_parent_position_idx on public.tasks (parent_id, position, id) where parent_id is not null;
-- Serves: what is assigned to somebody, and the foreign key from profiles.
create index tasks_assignee_idx on public.tasks (assignee_id, due_sort, id) where assignee_id is not null;
-- Indexes of `tags`, `custom` and `search` stand with the functions that can use them, in search.

-- Refuses a place in the tree that would close a circle or lie too deep: `depth` is the parent's level, `height` the
-- number of levels that move along with the task.
create function private.check_place(task uuid, parent public.tasks) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  levels constant integer := 5;
  depth integer;
  height integer;
  closed boolean;
begin
  with recursive up (id, parent_id, n) as (
    select parent.id, parent.parent_id, 1
    union all
    select t.id, t.parent_id, up.n + 1 from up join public.tasks t on t.id = up.parent_id
    where up.n <= levels and up.id <> task
  )
  select max(n), bool_or(id = task) into depth, closed from up;
  if closed then
    perform private.fail(
      'TK403', 'USAGE_CYCLE', 'a task cannot stand below itself',
      'parent_id', parent.id::text, 'a task that is not one of its subtasks'
    );
  end if;
  with recursive down (id, n) as (
    select task, 1
    union all
    select t.id, down.n + 1 from down join public.tasks t on t.parent_id = down.id where down.n <= levels
  )
  select max(n) into height from down;
  if depth + height > levels then
    perform private.fail(
      'TK404', 'USAGE_DEPTH', format('tasks would stand %s levels deep', depth + height),
      'parent_id', parent.id::text, format('at most %s levels', levels)
    );
  end if;
end;
$$;

-- The goal that a task has below its parent; refuses a parent that it cannot have. `wanted` is a goal that was
-- named along with it, null for none.
create function private.goal_below_parent(task public.tasks, wanted uuid) returns uuid
  language plpgsql volatile set search_path = ''
as $$
declare
  parent public.tasks;
begin
  -- Two moves at once could close a circle that neither of them sees: an owner's moves take turns.
  perform pg_advisory_xact_lock(hashtext('tree'), hashtext(task.owner_id::text));
  -- The lock waits for whoever is deleting it just now, and then finds it deleted.
  select * into parent from public.tasks t
    where t.id = task.parent_id and t.owner_id = task.owner_id and t.deleted_at is null
    for no key update;
  if parent.id is null then
    perform private.fail(
      'TK402', 'USAGE_REFERENCE', format('there is no parent task %s', task.parent_id),
      'parent_id', task.parent_id::text, 'a task of one''s own that is not deleted'
    );
  end if;
  if wanted is distinct from parent.goal_id and wanted is not null then
    perform private.fail(
      'TK401', 'USAGE_REFERENCE', 'a subtask belongs to the goal of its parent',
      'goal_id', wanted::text, 'the goal of the parent task', 'move the parent, or set parent_id to null'
    );
  end if;
  perform private.check_place(task.id, parent);
  return parent.goal_id;
end;
$$;

-- Refuses a goal that is not there; the lock waits for whoever is deleting it just now.
create function private.check_goal(goal uuid, owner uuid) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  perform from public.goals g
    where g.id = goal and g.owner_id = owner and g.deleted_at is null
    for no key update;
  if not found then
    perform private.fail(
      'TK401', 'USAGE_REFERENCE', format('there is no goal %s', goal),
      'goal_id', goal::text, 'a goal of one''s own that is not deleted'
    );
  end if;
end;
$$;

-- Keeps the times that follow from a change of state, and refuses a goal, parent or assignee that the task cannot
-- have. What does not exist and what belongs to others is refused in the same words.
create function private.guard_task() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  before public.tasks;
  restored boolean;
begin
  -- A row in somebody else's name: left to the policy, which refuses it after this. Any answer from here would tell
  -- which goals and tasks that person has.
  if tg_op = 'INSERT' and auth.uid() is distinct from new.owner_id and auth.uid() is not null then
    return new;
  end if;
  if tg_op = 'UPDATE' then
    before := old;
  elsif exists (select from public.tasks t where t.id = new.id) then
    -- A repeated create finds its own row and must not fail for what happened since.
    return new;
  end if;
  -- The server's clock decides when; deleting twice keeps the first time.
  new.deleted_at := case when new.deleted_at is not null then coalesce(before.deleted_at, now()) end;
  new.completed_at := case when new.status = 'done' then coalesce(before.completed_at, now()) end;
  if pg_trigger_depth() > 1 then
    -- Moved, deleted or restored together with its goal or parent, which has been checked.
    return new;
  end if;
  restored := before.deleted_at is not null and new.deleted_at is null;

  if new.parent_id is not null and (
    restored or new.parent_id is distinct from before.parent_id or new.goal_id is distinct from before.goal_id
  ) then
    new.goal_id := private.goal_below_parent(
      new, case when new.goal_id is distinct from before.goal_id then new.goal_id end
    );
  end if;
  if new.goal_id is not null and (restored or new.goal_id is distinct from before.goal_id) then
    perform private.check_goal(new.goal_id, new.owner_id);
  end if;
  if new.assignee_id <> new.owner_id and new.assignee_id is distinct from before.assignee_id then
    perform private.fail(
      'TK405', 'USAGE_REFERENCE', format('user %s takes no part in this task', new.assignee_id),
      'assignee_id', new.assignee_id::text, 'somebody who takes part in the task'
    );
  end if;
  return new;
end;
$$;

-- Moves take their turn before they touch a row: taken after it, as in the trigger above, two tasks that are moved
-- below each other would each hold what the other waits for.
create function private.wait_for_turn() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  if auth.uid() is not null then
    perform pg_advisory_xact_lock(hashtext('tree'), hashtext(auth.uid()::text));
  end if;
  return null;
end;
$$;

create trigger wait_for_turn before update of parent_id on public.tasks
  for each statement execute function private.wait_for_turn();

create trigger guard before insert or update of goal_id, parent_id, assignee_id, status, deleted_at on public.tasks
  for each row execute function private.guard_task();

create trigger raise_version
  before update of goal_id, parent_id, title, description, status, priority, assignee_id, due_at, remind_at, rrule,
    tags, position, custom, deleted_at
  on public.tasks
  for each row execute function private.raise_version();

-- Subtasks move, go and come back with their task. What had been deleted before it stays deleted: only rows with
-- the same time come back. Runs again for the subtasks' own, down to the last level. Old and new rows are paired by
-- grouping: a join of the two would compare each with each, since nothing is known of their number.
create function private.carry_subtasks() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  tasks uuid[];
  were_deleted timestamptz[];
  are_deleted timestamptz[];
  goals uuid[];
begin
  select array_agg(c.id), array_agg(c.was), array_agg(c.now_at), array_agg(c.goal)
  into tasks, were_deleted, are_deleted, goals from (
    select id,
      max(deleted_at) filter (where not newer) as was, max(deleted_at) filter (where newer) as now_at,
      max(goal_id::text) filter (where newer)::uuid as goal
    from (
      select id, deleted_at, goal_id, false as newer from removed
      union all
      select id, deleted_at, goal_id, true from added
    ) both_sides
    group by id
    having max(deleted_at) filter (where not newer) is distinct from max(deleted_at) filter (where newer)
      or max(goal_id::text) filter (where not newer) is distinct from max(goal_id::text) filter (where newer)
  ) c;
  if tasks is null then
    return null;
  end if;
  update public.tasks t
  set goal_id = c.goal, deleted_at = case when t.deleted_at is distinct from c.was then t.deleted_at else c.now_at end
  from unnest(tasks, were_deleted, are_deleted, goals) as c (id, was, now_at, goal)
  where t.parent_id = c.id and (
    t.goal_id is distinct from c.goal
    or (t.deleted_at is not distinct from c.was and c.was is distinct from c.now_at)
  );
  return null;
end;
$$;

-- A goal's tasks go and come back with it, in the same way.
create function private.carry_goal_tasks() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  goals uuid[];
  were_deleted timestamptz[];
  are_deleted timestamptz[];
begin
  select array_agg(c.id), array_agg(c.was), array_agg(c.now_at) into goals, were_deleted, are_deleted from (
    select id, max(deleted_at) filter (where not newer) as was, max(deleted_at) filter (where newer) as now_at
    from (
      select id, deleted_at, false as newer from removed
      union all
      select id, deleted_at, true from added
    ) both_sides
    group by id
    having max(deleted_at) filter (where not newer) is distinct from max(deleted_at) filter (where newer)
  ) c;
  if goals is null then
    return null;
  end if;
  update public.tasks t set deleted_at = c.now_at
  from unnest(goals, were_deleted, are_deleted) as c (id, was, now_at)
  where t.goal_id = c.id and t.deleted_at is not distinct from c.was;
  return null;
end;
$$;

-- Triggers run in the order of their names: what follows comes after counting and limits, so that everybody locks
-- goals first, then holdings of goals, then holdings of tasks.
create trigger tasks_follow after update on public.goals
  referencing old table as removed new table as added
  for each statement execute function private.carry_goal_tasks();

create trigger subtasks_follow after update on public.tasks
  referencing old table as removed new table as added
  for each statement execute function private.carry_subtasks();

create trigger limit_insert after insert on public.tasks
  referencing new table as added
  for each statement execute function private.check_limits();

create trigger limit_update after update on public.tasks
  referencing old table as removed new table as added
  for each statement execute function private.check_limits();

create trigger limit_delete after delete on public.tasks
  referencing old table as removed
  for each statement execute function private.check_limits();

comment on table public.tasks is 'A step: on its own, in a goal, or below another task (5 levels at most).';
comment on column public.tasks.id is 'UUID, version 7 when the SDK makes it; a repeated create with it is recognised.';
comment on column public.tasks.goal_id is 'A subtask has its parent''s goal; set by the database.';
comment on column public.tasks.priority is '0 none, 1 low, 2 medium, 3 high.';
comment on column public.tasks.rrule is 'RFC 5545 RRULE without its prefix, daily or slower.';
comment on column public.tasks.tags is 'At most 20 lines of 1 to 50 characters, none twice.';
comment on column public.tasks.position is 'Fractional index among its siblings, compared byte by byte.';
comment on column public.tasks.custom is 'Fields of one''s own: a plain JSON object, found by containment.';
comment on column public.tasks.completed_at is 'When the task was last set to done; null in any other state.';
comment on column public.tasks.deleted_at is 'Set to delete, null to restore; subtasks go and come back with their task.';
comment on column public.tasks.due_sort is 'due_at for ordering: tasks without a deadline come last.';
comment on column public.tasks.search is 'Words of title, tags and description, letter case and accents aside.';
comment on column public.tasks.version is 'Raised by each edit; a save that names an older one is refused.';

create policy tasks_live on public.tasks as restrictive for all to public
  using ((select private.is_live()));

-- People see their own tasks, deleted ones too: lists leave those out, the trash shows them.
create policy tasks_select on public.tasks for select to authenticated
  using (owner_id = (select auth.uid()));

-- People make tasks for themselves; the trigger sees to it that goal and parent are theirs as well.
create policy tasks_insert on public.tasks for insert to authenticated
  with check (owner_id = (select auth.uid()));

-- People change their own tasks, in the columns granted below.
create policy tasks_update on public.tasks for update to authenticated
  using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));

grant select on public.tasks to authenticated;
grant insert (
  id, owner_id, goal_id, parent_id, title, description, status, priority, assignee_id, due_at, remind_at, rrule,
  tags, position, custom
) on public.tasks to authenticated;
grant update (
  goal_id, parent_id, title, description, status, priority, assignee_id, due_at, remind_at, rrule,
  tags, position, custom, deleted_at
) on public.tasks to authenticated;
grant select, insert, update, delete on public.tasks to service_role;
-- Not granted to users: delete (deleted_at is set instead, and can be undone), a change of owner, what triggers
-- keep (completed_at, version, times). To anon: nothing.
