-- Progress: how far a goal is, kept exact by the database with every change of its tasks.

-- Keeps tasks_total and tasks_done, and through them progress, by adding differences: two changes at once wait for
-- each other on the goal's row and both count. Deleted and cancelled tasks do not count. Goals are locked in one
-- order, against deadlocks.
create function private.count_goal_tasks() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  goals uuid[];
  totals integer[];
  dones integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(c.goal_id), array_agg(c.total), array_agg(c.done) into goals, totals, dones from (
      select goal_id, count(*) as total, count(*) filter (where status = 'done') as done
      from added where goal_id is not null and deleted_at is null and status <> 'cancelled'
      group by goal_id
    ) c;
  elsif tg_op = 'DELETE' then
    select array_agg(c.goal_id), array_agg(c.total), array_agg(c.done) into goals, totals, dones from (
      select goal_id, -count(*) as total, -count(*) filter (where status = 'done') as done
      from removed where goal_id is not null and deleted_at is null and status <> 'cancelled'
      group by goal_id
    ) c;
  else
    select array_agg(c.goal_id), array_agg(c.total), array_agg(c.done) into goals, totals, dones from (
      select goal_id, sum(n) as total, coalesce(sum(n) filter (where status = 'done'), 0) as done
      from (
        select goal_id, status, deleted_at, -1 as n from removed
        union all
        select goal_id, status, deleted_at, 1 from added
      ) both_sides
      where goal_id is not null and deleted_at is null and status <> 'cancelled'
      group by goal_id
      having sum(n) <> 0 or coalesce(sum(n) filter (where status = 'done'), 0) <> 0
    ) c;
  end if;
  if goals is null then
    return null;
  end if;
  perform from public.goals g where g.id = any (goals) order by g.id for no key update;
  update public.goals g
  -- Bounded, so that a count which went wrong by hand stops nobody from working.
  set tasks_total = greatest(g.tasks_total + c.total, 0),
    tasks_done = least(greatest(g.tasks_done + c.done, 0), greatest(g.tasks_total + c.total, 0))
  from unnest(goals, totals, dones) as c (goal_id, total, done)
  where g.id = c.goal_id;
  return null;
end;
$$;

create trigger count_goal_tasks_insert after insert on public.tasks
  referencing new table as added
  for each statement execute function private.count_goal_tasks();

create trigger count_goal_tasks_update after update on public.tasks
  referencing old table as removed new table as added
  for each statement execute function private.count_goal_tasks();

create trigger count_goal_tasks_delete after delete on public.tasks
  referencing old table as removed
  for each statement execute function private.count_goal_tasks();
