-- Clean-up: what is kept for a while only. Each night, in portions, so that no lock is held long.

-- Serve: private.clean_up (deleted_at < …); the rows of the trash are few.
create index goals_deleted_idx on public.goals (deleted_at) where deleted_at is not null;
create index tasks_deleted_idx on public.tasks (deleted_at) where deleted_at is not null;

insert into private.settings (name, value, about) values (
  'keep_days',
  '{"trash": 30, "effects": 30, "archive": 7, "mails": 90, "dead_letters": 180}',
  'After how many days the nightly clean-up forgets what is done, or was deleted.'
);

-- Days as an interval; an operator who leaves one out keeps that for ever.
create function private.keep(what text) returns interval
  language sql stable set search_path = ''
  return make_interval(days => (private.setting('keep_days') ->> what)::integer);

-- Erases what has lain in the trash for its time, and what queues, outbox and limits need no more. `most` rows of each a
-- time; says how many went, so that it can be called until none do.
create function private.clean_up(most integer default 20000) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  gone integer := 0;
  n integer;
  statement text;
begin
  foreach statement in array array[
    -- What somebody holds, such as to restore it, is left for the next time: to wait for it would erase it nonetheless. What
    -- went with its goal or its task goes with them, as it would come back with them.
    'delete from public.tasks where id = any (array(
       select t.id from public.tasks t where t.deleted_at < now() - private.keep(''trash'')
         and not exists (select from public.goals g where g.id = t.goal_id and g.deleted_at = t.deleted_at)
         and not exists (select from public.tasks p where p.id = t.parent_id and p.deleted_at = t.deleted_at)
       order by t.deleted_at limit $1 for update of t skip locked))',
    'delete from public.goals where id = any (array(
       select id from public.goals where deleted_at < now() - private.keep(''trash'')
       order by deleted_at limit $1 for update skip locked))',
    'delete from private.rate_limits where ctid = any (array(
       select ctid from private.rate_limits where window_start < now() - interval ''1 day'' limit $1
       for update skip locked))',
    -- Only where no message can bring the job back: a dead letter may, for as long as it is kept, and has when it was
    -- lately put back on its queue.
    'delete from private.effects where job_id = any (array(
       select e.job_id from private.effects e where e.done_at < now() - private.keep(''effects'')
         and not exists (select from private.dead_letters d
           where d.job_id = e.job_id and coalesce(d.requeued_at > now() - private.keep(''effects''), true))
       order by e.done_at limit $1))',
    'delete from private.job_keys where ctid = any (array(
       select ctid from private.job_keys where created_at < now() - private.keep(''effects'') order by created_at limit $1))',
    'delete from private.job_failures where ctid = any (array(
       select ctid from private.job_failures where last_failed_at < now() - private.keep(''effects'') limit $1
       for update skip locked))',
    'delete from private.dead_letters where id = any (array(
       select id from private.dead_letters where last_failed_at < now() - private.keep(''dead_letters'')
         and coalesce(requeued_at < now() - private.keep(''effects''), true) limit $1 for update skip locked))',
    'delete from private.mails where id = any (array(
       select id from private.mails where created_at < now() - private.keep(''mails'')
         and state in (''sent'', ''failed'', ''suppressed'') order by created_at limit $1 for update skip locked))',
    'delete from pgmq.a_jobs where msg_id = any (array(
       select msg_id from pgmq.a_jobs where archived_at < now() - private.keep(''archive'') order by archived_at limit $1))',
    'delete from pgmq.a_mail where msg_id = any (array(
       select msg_id from pgmq.a_mail where archived_at < now() - private.keep(''archive'') order by archived_at limit $1))',
    'delete from pgmq.a_files where msg_id = any (array(
       select msg_id from pgmq.a_files where archived_at < now() - private.keep(''archive'') order by archived_at limit $1))'
  ] loop
    execute statement using most;
    get diagnostics n = row_count;
    gone := gone + n;
  end loop;
  -- pg_cron keeps a line of each run for ever, and one schedule runs every ten seconds.
  if to_regclass('cron.job_run_details') is not null then
    execute 'delete from cron.job_run_details where end_time < now() - private.keep(''archive'')';
    get diagnostics n = row_count;
    gone := gone + n;
  end if;
  return gone;
end;
$$;
comment on function private.clean_up(integer) is 'Erases what is kept for a while only; how many rows went.';

insert into private.schedules (name, cron, sql, about) values
  ('clean-up', '17 3 * * *', 'select private.clean_up()', 'Empties the trash and forgets what is long done.');
