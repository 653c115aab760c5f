-- Tasks: references, trees, undo.
begin;
\ir people.psql
select plan(41);

select tests.sign_up('ada');
select tests.sign_up('ben');

select tests.act_as('ben');
insert into public.goals (id, title) values (md5('ben goal')::uuid, 'His');
insert into public.tasks (id, title) values (md5('ben task')::uuid, 'his');

select tests.act_as('ada');
insert into public.goals (id, title) values (md5('g')::uuid, 'Marathon'), (md5('h')::uuid, 'House');
insert into public.tasks (id, goal_id, title) values
  (md5('a')::uuid, md5('g')::uuid, 'shoes'), (md5('b')::uuid, md5('g')::uuid, 'plan'), (md5('c')::uuid, md5('g')::uuid, 'run');

-- Whose it is, and what it may refer to.
select is((select count(*) from public.tasks), 3::bigint, 'ada sees her own tasks alone');
select is_empty($$ update public.tasks set title = 'x' where id = md5('ben task')::uuid returning id $$, 'she changes none of ben''s');
select throws_ok(
  $$ insert into public.tasks (owner_id, title) values (tests.id('ben'), 'x') $$, '42501', null, 'she makes none for him'
);
select throws_ok(
  $$ insert into public.tasks (title, goal_id) values ('x', md5('ben goal')::uuid) $$,
  'TK401', 'USAGE_REFERENCE: there is no goal ' || md5('ben goal')::uuid, 'ben''s goal takes no task of hers'
);
select throws_ok(
  $$ insert into public.tasks (title, goal_id) values ('x', md5('nothing')::uuid) $$,
  'TK401', 'USAGE_REFERENCE: there is no goal ' || md5('nothing')::uuid, 'and is refused in the words for no goal at all'
);
select throws_ok(
  $$ update public.tasks set parent_id = md5('ben task')::uuid where id = md5('a')::uuid $$, 'TK402', null,
  'ben''s task is no parent of hers'
);
select throws_ok(
  $$ update public.tasks set assignee_id = tests.id('ben') where id = md5('a')::uuid $$, 'TK405', null,
  'nobody is assigned who takes no part'
);
select lives_ok($$ update public.tasks set assignee_id = tests.id('ada') where id = md5('a')::uuid $$, 'she may assign herself');
select throws_ok('delete from public.tasks', '42501', null, 'nobody deletes for good');
select throws_ok(
  format('update public.tasks set %I = %I', name, name), '42501', null, name || ' cannot be updated'
) from unnest('{id,owner_id,completed_at,created_at,updated_at,version}'::text[]) as name;

-- What a column may hold.
select throws_ok(format('update public.tasks set %s', change), '23514', null, change || ' is refused') from unnest(array[
  $$title = ''$$, $$tags = '{a,a}'$$, $$priority = -1$$, $$rrule = 'FREQ=HOURLY'$$, $$rrule = 'every day'$$,
  $$custom = '1'$$, $$remind_at = '-infinity'$$, $$description = '</x'$$
]) as change;
select lives_ok(
  $$ update public.tasks set rrule = 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20271231T000000Z' where id = md5('a')::uuid $$,
  'a repeat rule of RFC 5545 is admitted'
);

-- Times that follow from the state.
update public.tasks set status = 'done' where id = md5('a')::uuid;
select is((select completed_at from public.tasks where id = md5('a')::uuid), now(), 'done sets completed_at');
update public.tasks set status = 'cancelled' where id = md5('b')::uuid;
update public.tasks set goal_id = md5('h')::uuid, status = 'todo' where id = md5('a')::uuid;
select is((select completed_at from public.tasks where id = md5('a')::uuid), null, 'not done any more, completed_at is gone');

-- Trees: e below d below b, in goal g.
insert into public.tasks (id, title, parent_id) values (md5('d')::uuid, 'd', md5('b')::uuid);
insert into public.tasks (id, title, parent_id) values (md5('e')::uuid, 'e', md5('d')::uuid);
select is((select goal_id from public.tasks where id = md5('e')::uuid), md5('g')::uuid, 'a subtask is in its parent''s goal');
select throws_ok(
  $$ insert into public.tasks (title, parent_id, goal_id) values ('x', md5('b')::uuid, md5('h')::uuid) $$, 'TK401', null,
  'and cannot be in another'
);
select throws_ok($$ update public.tasks set parent_id = id where id = md5('b')::uuid $$, 'TK403', null, 'a task is not its own parent');
select throws_ok(
  $$ update public.tasks set parent_id = md5('e')::uuid where id = md5('b')::uuid $$, 'TK403', null,
  'nor does it stand below its own subtask'
);
insert into public.tasks (id, title, parent_id) values (md5('f')::uuid, 'f', md5('e')::uuid);
insert into public.tasks (id, title, parent_id) values (md5('level 5')::uuid, 'level 5', md5('f')::uuid);
select throws_ok(
  $$ insert into public.tasks (title, parent_id) values ('x', md5('level 5')::uuid) $$, 'TK404', null, 'a sixth level is refused'
);
select throws_ok(
  $$ update public.tasks set parent_id = md5('c')::uuid where id = md5('b')::uuid $$, 'TK404', null,
  'also when a whole tree is moved'
);
update public.tasks set goal_id = md5('h')::uuid where id = md5('b')::uuid;
select is(
  (select count(*) from public.tasks where goal_id = md5('h')::uuid), 6::bigint, 'subtasks move to another goal with their task'
);
update public.tasks set deleted_at = now() where id = md5('f')::uuid;
select is((select deleted_at from public.tasks where id = md5('level 5')::uuid), now(), 'subtasks are deleted with their task');
-- Within one transaction all times are alike; pretend that it was yesterday.
select tests.act_as_owner();
alter table public.tasks disable trigger user;
update public.tasks set deleted_at = now() - interval '1 day' where id in (md5('f')::uuid, md5('level 5')::uuid);
alter table public.tasks enable trigger user;
select tests.act_as('ada');
update public.goals set deleted_at = now() where id = md5('h')::uuid;
select is(
  (select count(*) from public.tasks where goal_id = md5('h')::uuid and deleted_at = now()), 4::bigint,
  'tasks are deleted with their goal'
);
select throws_ok(
  $$ update public.tasks set deleted_at = null where id = md5('a')::uuid $$, 'TK401', null,
  'and not restored into a deleted goal'
);
select throws_ok(
  $$ insert into public.tasks (title, goal_id) values ('x', md5('h')::uuid) $$, 'TK401', null, 'nor made in one'
);
update public.goals set deleted_at = null where id = md5('h')::uuid;
select is(
  array(select title::text from public.tasks where goal_id = md5('h')::uuid and deleted_at is not null order by 1),
  '{f,"level 5"}', 'restoring the goal brings back those that went with it, and no other'
);
select throws_ok(
  $$ update public.tasks set deleted_at = null where id = md5('level 5')::uuid $$, 'TK402', null,
  'a subtask is not restored below a deleted task'
);
update public.tasks set deleted_at = null where id = md5('f')::uuid;
select is((select deleted_at from public.tasks where id = md5('level 5')::uuid), null, 'restored with its task it is there again');
select is((select tasks_total from public.goals where id = md5('h')::uuid), 5, 'and all of it is counted');

select * from finish();
rollback;
