-- Limits: defaults, overrides, what counts.
begin;
\ir people.psql
select plan(19);

select tests.sign_up('ada');
select tests.sign_up('ben');
update public.limits set max = 3 where plan = 'free' and kind = 'goals';
update public.limits set max = 2 where plan = 'free' and kind = 'tasks';

select tests.act_as('ada');
select results_eq(
  $$ select kind, max, used from public.my_limits() where kind in ('goals', 'tasks') order by kind $$,
  $$ values ('goals', 3::bigint, 0::bigint), ('tasks', 2, 0) $$,
  'ada may hold what her plan says'
);
insert into public.goals (id, title) select md5(n::text)::uuid, 'goal ' || n from generate_series(1, 3) n;
select throws_ok($$ insert into public.goals (title) values ('one more') $$, 'TK201', null, 'the fourth goal is refused');
select is(
  tests.detail_of($$ insert into public.goals (title) values ('one more') $$),
  '{"field": "goals", "value": "4", "rule": "at most 3 goals"}', 'with what it would make and what is allowed'
);
select is((select count(*) from public.goals), 3::bigint, 'and nothing of it is stored');
select lives_ok(
  $$ insert into public.goals (id, title) values (md5('1')::uuid, 'goal 1') on conflict (id) do nothing $$,
  'a repeated create adds nothing and is not refused'
);
update public.goals set deleted_at = now() where id = md5('1')::uuid;
select lives_ok($$ insert into public.goals (title) values ('in its place') $$, 'a deleted goal makes room');
select throws_ok(
  $$ update public.goals set deleted_at = null where id = md5('1')::uuid $$, 'TK201', null,
  'restoring it is refused while the room is taken'
);
insert into public.tasks (title) values ('a'), ('b');
select throws_ok($$ insert into public.tasks (title) values ('c') $$, 'TK202', null, 'tasks have a limit of their own');
select throws_ok(
  $$ insert into public.goals (title) select 'batch ' || n from generate_series(1, 5) n $$, 'TK201', null,
  'a batch beyond the limit is refused whole'
);
select results_eq(
  $$ select kind, used from public.my_limits() where kind in ('goals', 'tasks') order by kind $$,
  $$ values ('goals', 3::bigint), ('tasks', 2) $$,
  'my_limits() says what is held now'
);
select throws_ok($$ update public.limits set max = 99 $$, '42501', null, 'nobody raises their own limit');
select throws_ok(
  $$ insert into public.limits (user_id, kind, max) values (tests.id('ada'), 'goals', 99) $$, '42501', null,
  'nor gives themselves one'
);

select tests.act_as('ben');
select lives_ok($$ insert into public.goals (title) values ('mine') $$, 'ada''s goals do not count for ben');
select is_empty($$ select user_id from public.limits where user_id is not null $$, 'overrides of others are not shown');

select tests.act_as_owner();
insert into public.limits (user_id, kind, max) values (tests.id('ada'), 'goals', 4);
select tests.act_as('ada');
select lives_ok($$ insert into public.goals (title) values ('by favour') $$, 'an override counts before the plan');
select is((select count(*) from public.limits where user_id is not null), 1::bigint, 'ada sees her override');

select tests.act_as_owner();
update public.profiles set plan = 'endless' where id = tests.id('ben');
select is(private.limit_of(tests.id('ben'), 'tasks'), 9007199254740991::bigint, 'a plan without rows sets no limit');
delete from public.goals where owner_id = tests.id('ada');
select is((select held from private.holdings where owner_id = tests.id('ada') and kind = 'goals'), 0::bigint,
  'what is erased for good is not held any more');
delete from auth.users where id = tests.id('ada');
select is_empty($$ select from private.holdings where owner_id = tests.id('ada') $$, 'an erased account holds nothing');

select * from finish();
rollback;
