-- Activities: what happened to somebody's goals and tasks, one line per act, written by triggers alone.
--
-- A line tells who did what to which thing, which fields were touched and, for a change of status, from what to
-- what. It holds the title and no other content, so that nobody reads more here than in the row itself.

create type public.activity_entity as enum ('goal', 'task', 'file');

create table public.activities (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  actor_id uuid,
  kind text not null,
  entity public.activity_entity not null,
  entity_id uuid not null,
  data jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  constraint activities_pkey primary key (id),
  constraint activities_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint activities_actor_id_fkey foreign key (actor_id) references public.profiles (id) on delete set null,
  constraint activities_kind_known check (
    kind in (
      'goal.created', 'goal.updated', 'goal.status', 'goal.deleted', 'goal.restored',
      'task.created', 'task.updated', 'task.status', 'task.deleted', 'task.restored',
      'file.created', 'file.updated', 'file.deleted', 'file.restored', 'file.shared'
    )
  ),
  constraint activities_data_object check (jsonb_typeof(data) = 'object'),
  constraint activities_data_plain check (public.json_is_plain(data))
);

alter table public.activities enable row level security;

-- Serves: the feed, newest first, by keyset (user_id = … order by created_at desc, id desc).
create index activities_user_created_idx on public.activities (user_id, created_at desc, id desc);
-- Serves: the history of one goal or task; and its removal with the row.
create index activities_entity_created_idx on public.activities (entity_id, created_at desc, id desc);
-- Serves: the foreign key from profiles.
create index activities_actor_idx on public.activities (actor_id) where actor_id is not null;

-- What an update did, from both versions of the row: null when nothing that people edit has changed, or only its
-- place in the order.
create function private.describe_change(entity text, before jsonb, after jsonb, fields text[]) returns jsonb
  language sql immutable set search_path = ''
  return (
    select case
      when changed is null or changed = '{position}' then null
      when before -> 'deleted_at' = 'null' and after -> 'deleted_at' <> 'null'
        then jsonb_build_object('kind', entity || '.deleted', 'data', jsonb_build_object('title', after -> 'title'))
      when before -> 'deleted_at' <> 'null' and after -> 'deleted_at' = 'null'
        then jsonb_build_object('kind', entity || '.restored', 'data', jsonb_build_object('title', after -> 'title'))
      when 'status' = any (changed) then jsonb_build_object('kind', entity || '.status', 'data', jsonb_build_object(
        'title', after -> 'title', 'from', before -> 'status', 'to', after -> 'status', 'fields', to_jsonb(changed)
      ))
      else jsonb_build_object('kind', entity || '.updated', 'data', jsonb_build_object(
        'title', after -> 'title', 'fields', to_jsonb(changed)
      ))
    end
    from (
      select array_agg(f order by f) as changed
      from unnest(fields) as f where before -> f is distinct from after -> f
    ) c
  );

-- Everything that people edit is told: all fields but those that the database keeps. Old and new rows are joined
-- without nested loops: Postgres knows nothing of their number, takes them for few, and would compare each with each.
create function private.log_activity() returns trigger
  language plpgsql security definer set search_path = '' set enable_nestloop = off
as $$
declare
  kept constant text[] := '{id,owner_id,tasks_total,tasks_done,progress,completed_at,created_at,updated_at,version,due_sort,search}';
  thing constant text := tg_argv[0];
begin
  if tg_op = 'INSERT' then
    insert into public.activities (user_id, actor_id, kind, entity, entity_id, data)
    select a.owner_id, auth.uid(), thing || '.created', thing::public.activity_entity, a.id,
      jsonb_build_object('title', a.title)
    from added a;
  else
    insert into public.activities (user_id, actor_id, kind, entity, entity_id, data)
    select c.owner_id, auth.uid(), c.change ->> 'kind', thing::public.activity_entity, c.id, c.change -> 'data'
    from (
      select a.id, a.owner_id, private.describe_change(
        thing, to_jsonb(r), to_jsonb(a), array(select k from jsonb_object_keys(to_jsonb(a)) as k where k <> all (kept))
      ) as change
      from added a join removed r using (id)
    ) c
    where c.change is not null;
  end if;
  return null;
end;
$$;

-- Depth 0: an act of somebody. What the database does in its wake (subtasks that go with their task, counters) is
-- told by that act's own line.
create trigger log_insert after insert on public.goals
  referencing new table as added
  for each statement when (pg_trigger_depth() = 0) execute function private.log_activity('goal');

create trigger log_update after update on public.goals
  referencing old table as removed new table as added
  for each statement when (pg_trigger_depth() = 0) execute function private.log_activity('goal');

create trigger log_insert after insert on public.tasks
  referencing new table as added
  for each statement when (pg_trigger_depth() = 0) execute function private.log_activity('task');

create trigger log_update after update on public.tasks
  referencing old table as removed new table as added
  for each statement when (pg_trigger_depth() = 0) execute function private.log_activity('task');

-- What is erased for good leaves no line behind.
create function private.forget_activities() returns trigger
  language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.activities a using removed r where a.entity_id = r.id;
  return null;
end;
$$;

create trigger forget_activities after delete on public.goals
  referencing old table as removed
  for each statement execute function private.forget_activities();

create trigger forget_activities after delete on public.tasks
  referencing old table as removed
  for each statement execute function private.forget_activities();

comment on table public.activities is 'What happened to somebody''s goals and tasks; append-only, written by triggers.';
comment on column public.activities.user_id is 'Whose feed the line stands in: the owner of the goal or task.';
comment on column public.activities.actor_id is 'Who did it; null for the service itself and for erased accounts.';
comment on column public.activities.kind is 'entity.act: goal.created, task.status, …';
comment on column public.activities.entity_id is 'No foreign key, since it refers to two tables; triggers remove lines with their row.';
comment on column public.activities.data is 'title; fields touched; for a change of status from and to. No other content.';

create policy activities_live on public.activities as restrictive for all to public
  using ((select private.is_live()));

-- People read their own feed.
create policy activities_select on public.activities for select to authenticated
  using (user_id = (select auth.uid()));

grant select on public.activities to authenticated;
grant select on public.activities to service_role;
-- Not granted to anyone: insert, update and delete. The feed is as triggers wrote it.
