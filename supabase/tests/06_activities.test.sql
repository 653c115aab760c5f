-- The feed: what is told, and to whom.
begin;
\ir people.psql
select plan(17);

select tests.sign_up('ada');
select tests.sign_up('eve');

select tests.act_as('ada');
insert into public.goals (id, title, description) values (md5('g')::uuid, 'Marathon', 'secret thoughts');
insert into public.tasks (id, goal_id, title) values (md5('t')::uuid, md5('g')::uuid, 'shoes');
insert into public.tasks (id, parent_id, title) values (md5('s')::uuid, md5('t')::uuid, 'size');
update public.tasks set status = 'done' where id = md5('t')::uuid;
update public.goals set description = 'other thoughts', colour = 'teal' where id = md5('g')::uuid;
update public.goals set position = 'b00' where id = md5('g')::uuid;
update public.goals set deleted_at = now() where id = md5('g')::uuid;
update public.goals set deleted_at = null where id = md5('g')::uuid;

select results_eq(
  'select kind, entity_id from public.activities order by created_at',
  $$ values
    ('goal.created', md5('g')::uuid), ('task.created', md5('t')::uuid), ('task.created', md5('s')::uuid),
    ('task.status', md5('t')::uuid), ('goal.updated', md5('g')::uuid), ('goal.deleted', md5('g')::uuid),
    ('goal.restored', md5('g')::uuid) $$,
  'each act is told once, in order; moving a row and what follows from an act is not'
);
select is(
  (select data from public.activities where kind = 'task.status'),
  '{"title": "shoes", "from": "todo", "to": "done", "fields": ["status"]}', 'a change of status says from what to what'
);
select is(
  (select data from public.activities where kind = 'goal.updated'),
  '{"title": "Marathon", "fields": ["colour", "description"]}', 'an edit names the fields'
);
select is_empty(
  $$ select from public.activities where data::text like '%thoughts%' $$, 'and shows none of their content'
);
select is((select count(*) from public.activities where actor_id = tests.id('ada') and user_id = actor_id), 7::bigint,
  'all of it was ada''s doing, in ada''s feed');
select lives_ok($$ update public.goals set colour = 'teal' where id = md5('g')::uuid $$, 'saving what is there already');
select is((select count(*) from public.activities), 7::bigint, 'is not told');

select throws_ok($$ insert into public.activities (user_id, kind, entity, entity_id)
  values (tests.id('ada'), 'goal.created', 'goal', gen_random_uuid()) $$, '42501', null, 'nobody writes lines');
select throws_ok($$ update public.activities set data = '{}' $$, '42501', null, 'or changes them');
select throws_ok($$ delete from public.activities $$, '42501', null, 'or removes them');
select tests.act_as('eve');
select is_empty('select id from public.activities', 'eve reads none of ada''s feed');

select tests.act_as_owner();
set local role service_role;
select throws_ok($$ delete from public.activities $$, '42501', null, 'not even the secret key removes lines');
update public.goals set colour = 'red' where id = md5('g')::uuid;
select is(
  (select actor_id from public.activities where data -> 'fields' = '["colour"]'), null,
  'what the service does has no actor'
);
delete from public.tasks where id = md5('s')::uuid;
select is_empty($$ select from public.activities where entity_id = md5('s')::uuid $$, 'what is erased leaves no line');
delete from public.goals where id = md5('g')::uuid;
select is_empty('select from public.activities', 'nor does what is erased with it');

select tests.act_as('ada');
insert into public.goals (title) select 'goal ' || n from generate_series(1, 3) n;
select is((select count(*) from public.activities), 3::bigint, 'a batch is told line by line');
select tests.act_as_owner();
delete from auth.users where id = tests.id('ada');
select is_empty('select from public.activities', 'an erased account leaves no feed');

select * from finish();
rollback;
