-- A task's reminder comes once, and only for what is still to be done.
begin;
\ir people.psql
select plan(13);

select tests.sign_up('ada');
create function tests.task(title text, remind_at timestamptz) returns uuid
  language sql as $$
    insert into public.tasks (owner_id, title, remind_at) values (tests.id('ada'), title, remind_at) returning id
  $$;
-- Does what is due, as the worker would; the number of jobs.
create function tests.work() returns bigint
  language sql as $$
    with done as (
      select private.perform_job(j.id, j.kind, j.data), j.message from private.claim_jobs('jobs', 100, 60) j
    )
    select private.finish_jobs('jobs', array(select message from done));
  $$;
create function tests.mailed() returns text[]
  language sql as $$ select coalesce(array_agg(data ->> 'title' order by created_at, data ->> 'title'), '{}') from private.mails $$;

select tests.act_as('ada');
insert into public.tasks (title, remind_at) values ('Shoes', now() - interval '1 minute');
insert into public.tasks (title, remind_at) values ('Later', now() + interval '1 hour');
insert into public.tasks (title) values ('Never');
select tests.act_as_owner();
select is((select count(*) from private.reminders), 2::bigint, 'a task with a reminder has it kept');
select is(private.remind(), 1, 'one that is due becomes a job');
select is(private.remind(), 0, 'once');
select tests.work();
select is(tests.mailed(), '{Shoes}', 'and the job a mail');

select tests.act_as('ada');
update public.tasks set remind_at = now() - interval '1 second' where title = 'Later';
update public.tasks set title = 'Shoes!' where title = 'Shoes';
select tests.act_as_owner();
select is(private.remind(), 1, 'a reminder that is moved comes when it is due');
select tests.act_as('ada');
update public.tasks set remind_at = null where title = 'Later';
update public.tasks set remind_at = now() - interval '1 second' where title = 'Later';
select tests.act_as_owner();
select is((select count(*) from private.reminders), 1::bigint, 'set to the same moment again');
select private.remind();
select tests.work();
select is(tests.mailed(), '{Later,Shoes}', 'it comes but once');

select tests.task('Done', now());
select tests.task('Gone', now());
select tests.task('Moved', now());
select is(private.remind(), 3, 'of what is due');
update public.tasks set status = 'done' where title = 'Done';
update public.tasks set deleted_at = now() where title = 'Gone';
select tests.work();
select is(tests.mailed(), '{Later,Moved,Shoes}', 'what is done or deleted is not mailed about');

select tests.task('Off', now());
update public.tasks set remind_at = null where title = 'Off';
select is(private.remind(), 0, 'a reminder that is taken back does not come');
select tests.task('Erased', now());
delete from public.tasks where title = 'Erased';
select is(private.remind(), 0, 'nor one of a task that is erased');

select is((select count(*) from generate_series(1, 5) n, tests.task('Many ' || n, now())), 5::bigint, 'many at once');
select is(private.remind(3) * 10 + private.remind(3), 32, 'are seen to in portions');

select * from finish();
rollback;
