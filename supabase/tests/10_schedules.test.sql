-- What runs by the clock, and how pg_cron and pg_net are told where there are any.
begin;
\ir people.psql
select plan(28);

create table tests.runs (n integer);
insert into private.schedules (name, cron, sql, about) values
  ('test', '* * * * *', 'insert into tests.runs values (1)', 'test'),
  ('broken', '* * * * *', 'select 1 / 0', 'test');

select is(private.run_schedule('test', '2020-11-20 06:40Z'), true, 'a moment that is due is seen to');
select is(private.run_schedule('test', '2020-11-20 06:40Z'), false, 'once');
select is(private.run_schedule('test', '2020-11-20 06:39Z'), false, 'and what came before it is over');
select is(private.run_schedule('test', '2020-11-20 06:41Z'), true, 'the next one is another');
select is((select count(*) from tests.runs), 2::bigint, 'so it ran twice');
select is(private.run_schedule('nothing of the kind'), false, 'what is not there does not run');
update private.schedules set enabled = false where name = 'test';
select is(private.run_schedule('test', '2020-11-20 06:42Z'), false, 'nor what is switched off');

select is(private.run_schedule('broken', '2020-11-20 06:40Z'), true, 'a schedule may fail');
select matches((select last_error from private.schedules where name = 'broken'), '^22012 ', 'which is told in its row');
select is(private.run_schedule('broken', '2020-11-20 06:40Z'), false, 'and is not tried again for the same moment');
update private.schedules set sql = 'select 1' where name = 'broken';
select is(private.run_schedule('broken', '2020-11-20 06:41Z'), true, 'put right, it runs');
select is((select last_error from private.schedules where name = 'broken'), null, 'and says nothing any more');

update private.schedules set last_due = now() + interval '1 year' where name = 'broken';
select is(private.run_schedule('broken', '2020-11-20 06:42Z'), true, 'a clock that was a year ahead silences nothing');
select is(private.run_schedule('broken', '2020-11-20 06:42Z'), false, 'and all is as before');

select throws_ok(
  $$ insert into private.schedules (name, cron, sql, about) values ('bad', 'every day', '', '') $$, '23514', null,
  'a schedule has five fields or seconds'
);
select is(private.install_schedules(), null, 'without pg_cron nothing is handed over');

-- The part of pg_cron that is used.
create schema cron;
create table cron.job (jobname text primary key, schedule text, command text);
create function cron.schedule(job_name text, schedule text, command text) returns bigint
  language sql as $$ insert into cron.job values ($1, $2, $3) returning 1::bigint $$;
create function cron.unschedule(job_name text) returns boolean
  language sql as $$ delete from cron.job where jobname = $1 returning true $$;
insert into cron.job values ('somebody else''s', '* * * * *', 'select 1');
select is(private.install_schedules(), 8, 'with it, what is enabled is');
update private.schedules set cron = '5 * * * *' where name = 'broken';
select is((select schedule from cron.job where jobname = 'trackit:broken'), '5 * * * *', 'and what is changed is changed there');
delete from private.schedules where name = 'broken';
select is((select count(*) from cron.job where jobname = 'trackit:broken'), 0::bigint, 'and what is gone is gone');
select is((select count(*) from cron.job where jobname not like 'trackit:%'), 1::bigint, 'and the project''s own jobs stay');
do $$
declare
  command text;
begin
  for command in select j.command from cron.job j where jobname like 'trackit:%' loop
    execute command;
  end loop;
end;
$$;
select is(
  (select count(*) from private.schedules where enabled and last_run is not null and last_error is null), 7::bigint,
  'each command that is handed over runs its schedule'
);

delete from pgmq.q_jobs;
delete from pgmq.q_mail;
select is(private.call_worker(), false, 'without work the worker is left alone');
select private.enqueue('jobs', 'x', '{}', 60);
select is(private.call_worker(), false, 'and with work that is not due');
select private.push_job('mail', gen_random_uuid(), 'mail');
select is(private.call_worker(), true, 'it is called when something is due');

-- The part of pg_net and of the vault that is used.
create schema net;
create table net.calls (url text, body jsonb, headers jsonb);
create function net.http_post(
  url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000
) returns bigint
  language sql as $$ insert into net.calls values ($1, $2, $4) returning 1::bigint $$;
select throws_ok($$ select private.call_worker() $$, 'P0001', null, 'without an address it says what is missing');
update private.settings set value = '"https://project.example/functions/v1/worker"' where name = 'worker_url';
update private.settings set value = '"sb_secret_settings"' where name = 'worker_key';
create schema vault;
create table vault.decrypted_secrets (name text, decrypted_secret text);
insert into vault.decrypted_secrets values ('worker_key', 'sb_secret_vault');
select is(private.call_worker(), true, 'and with one it calls');
select results_eq(
  $$ select url, headers ->> 'apikey' from net.calls $$,
  $$ values ('https://project.example/functions/v1/worker', 'sb_secret_vault') $$,
  'with the vault''s secret before the settings'' own'
);
select tests.act_as('eve');
select throws_ok($$ select private.call_worker() $$, '42501', null, 'eve calls nobody');

select * from finish();
rollback;
