-- Jobs are queued, claimed, done once, put off and given up.
begin;
\ir people.psql
select plan(37);

-- What a job of this kind does, as a migration would say it.
create table tests.marks (job uuid not null);
create function private.job_mark(job uuid, data jsonb) returns void
  language sql set search_path = '' as $$ insert into tests.marks (job) values ($1) $$;
create function private.job_break(job uuid, data jsonb) returns void
  language plpgsql set search_path = '' as $$ begin insert into tests.marks (job) values ($1); raise division_by_zero; end $$;
create function tests.claim(quantity integer default 10) returns jsonb
  language sql as $$ select public.worker_claim('jobs', quantity, 60) $$;

create temporary table jobs as select private.enqueue('jobs', 'mark', '{"n": 1}') as id;
grant select on jobs to service_role;
select is(private.enqueue('jobs', 'mark', '{}', 0, 'once'), private.enqueue('jobs', 'mark', '{}', 0, 'once'), 'one dedupe key is one job');
select is((select count(*) from pgmq.q_jobs), 2::bigint, 'and is queued once');
select isnt(private.enqueue('jobs', 'mark', '{}', 0, 'once'), private.enqueue('jobs', 'mark', '{}', 0, 'other'), 'another key is another');
select is((select count(*) from pgmq.q_jobs where vt > now() + interval '50 seconds'), 0::bigint, 'jobs are due at once');
select isnt(private.enqueue('jobs', 'mark', '{}', 60), null, 'or after a while');
select is((select count(*) from pgmq.q_jobs where vt > now() + interval '50 seconds'), 1::bigint, 'which is kept');

savepoint cause;
select isnt(private.enqueue('jobs', 'mark', '{}', 0, 'undone'), null, 'a job is queued');
rollback to cause;
select is((select count(*) from private.job_keys where key = 'undone'), 0::bigint, 'and is gone with its cause');

select throws_ok($$ select private.enqueue('jobs', 'mark', '{"to": "ada@example.test"}') $$, 'TK001', null, 'a queue carries no address');
select throws_ok($$ select private.enqueue('jobs', 'mark', '{"title": "Buy shoes"}') $$, 'TK001', null, 'and no words');
select throws_ok($$ select private.enqueue('jobs', 'mark', '{"a": {"b": 1}}') $$, 'TK001', null, 'nor what could hide them');
select throws_ok($$ select private.enqueue('jobs', 'mark', '[]') $$, 'TK001', null, 'nor anything but an object');
select throws_ok($$ select private.enqueue('jobs', 'mark; drop', '{}') $$, 'TK001', null, 'a kind is a name');
select throws_ok($$ select private.enqueue('elsewhere', 'mark', '{}') $$, '22P02', null, 'a queue is one of two');

set local role service_role;
create temporary table claimed as select tests.claim(1) -> 0 as job;
select is((select job ->> 'id' from claimed), (select id::text from jobs), 'the oldest job is handed out first');
select is((select job -> 'data' from claimed), '{"n": 1}', 'with what it is about');
select is(jsonb_array_length(tests.claim()), 2, 'then what else is due');
select is(tests.claim(), '[]', 'and none twice while it is claimed');
reset role;

create function tests.perform(job uuid, kind text) returns text
  language sql as $$
    select public.worker_perform(jsonb_build_array(jsonb_build_object('id', job, 'kind', kind, 'data', '{}'::jsonb))) ->> 0
  $$;
set local role service_role;
select is(tests.perform((select id from jobs), 'mark'), 'done', 'a job is done');
select is(tests.perform((select id from jobs), 'mark'), 'repeated', 'once');
reset role;
select is((select count(*) from tests.marks), 1::bigint, 'and its effect is there once');
set local role service_role;
select is(tests.perform(gen_random_uuid(), 'break'), 'SQL 22012', 'a job may fail');
select is(tests.perform(gen_random_uuid(), 'unheard_of'), 'SQL TK001', 'or be of no kind');
reset role;
select is((select count(*) from tests.marks), 1::bigint, 'and then leaves nothing');
select is((select count(*) from private.effects), 1::bigint, 'and no claim that it was done');
set local role service_role;
select is(
  public.worker_perform(jsonb_build_array(
    jsonb_build_object('id', md5('a')::uuid, 'kind', 'mark', 'data', '{}'::jsonb),
    jsonb_build_object('id', md5('b')::uuid, 'kind', 'break', 'data', '{}'::jsonb),
    jsonb_build_object('id', 'no id', 'kind', 'mark', 'data', '{}'::jsonb),
    jsonb_build_object('id', md5('a')::uuid, 'kind', 'mark', 'data', '{}'::jsonb)
  )),
  '["done", "SQL 22012", "SQL 22P02", "repeated"]', 'among others, one that fails spoils none'
);
reset role;
select is((select count(*) from tests.marks), 2::bigint, 'and the others'' effects are there');
set local role service_role;
select is(public.worker_finish('jobs', array[(select (job ->> 'message')::bigint from claimed)]), 1, 'a job is taken off');
select is(public.worker_finish('jobs', array[(select (job ->> 'message')::bigint from claimed)]), 0, 'once');
reset role;

-- Failing.
update private.settings set value = value || '{"attempts": 3, "crashes": 5, "backoff": 100, "longest": 150}' where name = 'queues';
delete from pgmq.q_jobs;
create temporary table bad as select private.enqueue('jobs', 'break', '{"n": 2}') as id, null::bigint as message;
update bad set message = (select msg_id from pgmq.q_jobs);
create function tests.fail() returns integer
  language sql as $$ select private.fail_job('jobs', b.message, b.id, 'break', '{"n": 2}', 'SQL 22012') from bad b $$;
create temporary table waits as select 1 as n, tests.fail() as seconds;
insert into waits select 2, tests.fail();
select ok((select seconds between 50 and 100 from waits where n = 1), 'a failure is waited out for a while');
select ok((select seconds between 75 and 150 from waits where n = 2), 'the next one for longer, never beyond the longest');
select is(tests.fail(), null, 'the last one is the end');
select results_eq(
  $$ select queue::text, job_id, kind, data, reason, attempts from private.dead_letters $$,
  $$ select 'jobs', id, 'break', '{"n": 2}'::jsonb, 'SQL 22012', 3 from bad $$,
  'which is told with the reason'
);
select is((select count(*) from pgmq.q_jobs), 0::bigint, 'and takes the job off its queue');
select is(
  (select private.requeue_dead_letter(id) from private.dead_letters), (select id from bad),
  'an operator gives it another chance, under its own id'
);
select throws_ok($$ select private.requeue_dead_letter(id) from private.dead_letters $$, 'TK001', null, 'once');

-- A job that ends its worker each time says nothing of itself; and a message may be no job at all.
update pgmq.q_jobs set read_ct = 5;
select pgmq.send('jobs', '{"hello": 1}'::jsonb);
select is(public.worker_claim('jobs', 10, 60), '[]', 'what crashes workers, or is no job, is not handed out');

select * from finish();
rollback;
