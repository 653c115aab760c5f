-- Reminders: a task's `remind_at` comes, and its owner gets a mail. What is due is kept apart from the tasks, so that
-- looking for it costs the same however many tasks there are.

create table private.reminders (
  task_id uuid not null,
  remind_at timestamptz not null,
  constraint reminders_pkey primary key (task_id),
  constraint reminders_task_id_fkey foreign key (task_id) references public.tasks (id) on delete cascade
);
alter table private.reminders enable row level security;
comment on table private.reminders is 'Tasks with a reminder that has not been given; one row each.';

-- Serves: private.remind (remind_at <= now() order by remind_at).
create index reminders_due_idx on private.reminders (remind_at);

create function private.note_reminder() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if new.remind_at is null then
    delete from private.reminders r where r.task_id = new.id;
  else
    insert into private.reminders (task_id, remind_at) values (new.id, new.remind_at)
    on conflict on constraint reminders_pkey do update set remind_at = excluded.remind_at;
  end if;
  return null;
end;
$$;

create trigger note_reminder_insert after insert on public.tasks
  for each row when (new.remind_at is not null) execute function private.note_reminder();

create trigger note_reminder_update after update of remind_at on public.tasks
  for each row when (old.remind_at is distinct from new.remind_at) execute function private.note_reminder();

insert into private.reminders (task_id, remind_at)
select t.id, t.remind_at from public.tasks t where t.remind_at > now();

-- Makes a job of each reminder that is due, at most `most` a time; says how many. The job looks again: by then the task
-- may be done.
create function private.remind(most integer default 1000) returns integer
  language plpgsql volatile set search_path = ''
as $$
declare
  due record;
  queued integer := 0;
begin
  for due in
    delete from private.reminders r where r.task_id = any (array(
      select d.task_id from private.reminders d where d.remind_at <= now()
      order by d.remind_at limit most for update skip locked
    ))
    returning r.task_id, extract(epoch from r.remind_at)::bigint as at
  loop
    perform private.enqueue(
      'jobs', 'task_reminder', jsonb_build_object('task', due.task_id), 0,
      format('task_reminder:%s:%s', due.task_id, due.at)
    );
    queued := queued + 1;
  end loop;
  return queued;
end;
$$;

create function private.job_task_reminder(job uuid, data jsonb) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  task public.tasks;
begin
  select * into task from public.tasks t where t.id = (data ->> 'task')::uuid;
  if task.id is null or task.deleted_at is not null or task.status in ('done', 'cancelled') then
    return;
  end if;
  perform private.send_mail(
    task.owner_id, 'task_reminder',
    jsonb_build_object('task', task.id, 'title', task.title, 'due_at', task.due_at)
  );
end;
$$;
comment on function private.job_task_reminder(uuid, jsonb) is 'Job: mails the owner of an open task.';

insert into private.schedules (name, cron, sql, about) values
  ('reminders', '* * * * *', 'select private.remind()', 'Queues the reminders that are due.');
