-- What is kept for a while only goes; everything else stays.
begin;
\ir people.psql
select plan(17);

select tests.sign_up('ada');
create function tests.old(days integer) returns timestamptz
  language sql as $$ select now() - make_interval(days => days) - interval '1 minute' $$;

insert into public.goals (owner_id, title)
  select tests.id('ada'), title from unnest(array['Old', 'New', 'Kept']) title;
insert into public.tasks (owner_id, title)
  select tests.id('ada'), title from unnest(array['Old 1', 'Old 2', 'Old 3', 'Old 4', 'Kept']) title;
update public.goals set deleted_at = now() where title <> 'Kept';
update public.tasks set deleted_at = now() where title <> 'Kept';
-- Triggers see to it that a thing is deleted now; here it was then.
create function tests.turn_back(days integer) returns void
  language plpgsql as $$
begin
  alter table public.goals disable trigger user;
  alter table public.tasks disable trigger user;
  update public.goals set deleted_at = tests.old(days) where title like 'Old%';
  update public.tasks set deleted_at = tests.old(days) where title like 'Old%';
  alter table public.goals enable trigger user;
  alter table public.tasks enable trigger user;
end;
$$;
select tests.turn_back(30);
insert into private.rate_limits values ('b', 'old', tests.old(1), 1), ('b', 'new', now(), 1);
insert into private.effects values (md5('old')::uuid, 'x', tests.old(30)), (md5('new')::uuid, 'x', now()), (md5('dead')::uuid, 'x', tests.old(30));
insert into private.job_keys values ('jobs', 'old', gen_random_uuid(), tests.old(30)), ('jobs', 'new', gen_random_uuid(), now());
insert into private.job_failures values (md5('old')::uuid, 1, tests.old(31), tests.old(30)), (md5('new')::uuid, 1, now(), now());
insert into private.dead_letters (queue, job_id, kind, data, reason, attempts, first_failed_at, last_failed_at)
  values ('jobs', md5('older')::uuid, 'x', '{}', 'x', 1, tests.old(180), tests.old(180)),
    ('jobs', md5('dead')::uuid, 'x', '{}', 'x', 1, tests.old(40), tests.old(40));
insert into private.mails (user_id, template, locale, state, created_at) values
  (tests.id('ada'), 'task_reminder', 'en', 'sent', tests.old(90)),
  (tests.id('ada'), 'task_reminder', 'en', 'sent', tests.old(80)),
  (tests.id('ada'), 'task_reminder', 'en', 'queued', tests.old(90));
select private.enqueue('jobs', 'x'), private.enqueue('jobs', 'y'), private.push_job('mail', gen_random_uuid(), 'mail');
select pgmq.archive('jobs', msg_id) from pgmq.q_jobs;
select pgmq.archive('mail', msg_id) from pgmq.q_mail;
update pgmq.a_jobs set archived_at = tests.old(7) where message ->> 'kind' = 'x';
update pgmq.a_mail set archived_at = tests.old(7);

select is(private.clean_up(1), 10, 'a portion of each goes');
select is(private.clean_up(), 3, 'then the rest');
select is(private.clean_up(), 0, 'and then nothing');
select is((select array_agg(title::text order by title) from public.goals), '{Kept,New}', 'goals leave the trash after 30 days');
select is((select array_agg(title::text) from public.tasks), '{Kept}', 'and tasks');
select is((select array_agg(caller) from private.rate_limits where bucket = 'b'), '{new}', 'counts of calls after a day');
select is((select array_agg(job_id order by job_id) from private.effects),
  (select array_agg(x order by x) from unnest(array[md5('new')::uuid, md5('dead')::uuid]) x),
  'what jobs did after 30, but not while a dead letter may bring one back');
select is((select array_agg(key) from private.job_keys), '{new}', 'and dedupe keys');
select is((select array_agg(job_id) from private.job_failures), array[md5('new')::uuid], 'and failures');
select is((select array_agg(job_id) from private.dead_letters), array[md5('dead')::uuid], 'dead letters after 180');
select is((select array_agg(state::text order by state) from private.mails), '{queued,sent}', 'mails after 90, and none that waits');
select is((select array_agg(message ->> 'kind') from pgmq.a_jobs), '{y}', 'finished jobs after 7');
select is((select count(*) from pgmq.a_mail), 0::bigint, 'of both queues');
select is((select held from private.holdings where owner_id = tests.id('ada') and kind = 'goals'), 1::bigint, 'the account''s count stays right');

-- The part of pg_cron that is used.
create schema cron;
create table cron.job_run_details (end_time timestamptz);
insert into cron.job_run_details values (tests.old(7)), (now());
select is(private.clean_up(), 1, 'what pg_cron notes of old runs goes');
select is((select count(*) from cron.job_run_details), 1::bigint, 'and of new ones stays');

update private.settings set value = value - 'trash' where name = 'keep_days';
insert into public.goals (owner_id, title) values (tests.id('ada'), 'Old');
update public.goals set deleted_at = now() where title = 'Old';
select tests.turn_back(4000);
select is(private.clean_up(), 0, 'an operator may keep for ever');

select * from finish();
rollback;
