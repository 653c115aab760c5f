-- Progress: what counts, and that it is exact at every moment.
begin;
\ir people.psql
select plan(9);

select tests.sign_up('ada');
select tests.act_as('ada');
insert into public.goals (id, title) values (md5('g')::uuid, 'Marathon'), (md5('h')::uuid, 'House');
select is((select progress from public.goals where id = md5('g')::uuid), 0::real, 'a goal without tasks is at the start');
insert into public.tasks (id, goal_id, title) values
  (md5('a')::uuid, md5('g')::uuid, 'shoes'), (md5('b')::uuid, md5('g')::uuid, 'plan'), (md5('c')::uuid, md5('g')::uuid, 'run');

select is((select tasks_total || '/' || tasks_done from public.goals where id = md5('g')::uuid), '3/0', 'three tasks, none done');
update public.tasks set status = 'done' where id = md5('a')::uuid;
select is((select round(progress::numeric, 4) from public.goals where id = md5('g')::uuid), 0.3333, 'one of three is a third');
select is((select version from public.goals where id = md5('g')::uuid), 1, 'progress is no edit of the goal');
update public.tasks set status = 'cancelled' where id = md5('b')::uuid;
select is((select progress from public.goals where id = md5('g')::uuid), 0.5::real, 'a cancelled task does not count');
update public.tasks set goal_id = md5('h')::uuid where id = md5('a')::uuid;
select is((select tasks_total || '/' || tasks_done from public.goals where id = md5('g')::uuid), '1/0', 'a task that leaves takes its share');
select is((select tasks_total || '/' || tasks_done from public.goals where id = md5('h')::uuid), '1/1', 'and brings it along');
update public.tasks set deleted_at = now() where id = md5('a')::uuid;
select is((select tasks_total || '/' || tasks_done from public.goals where id = md5('h')::uuid), '0/0', 'a deleted task does not count');
update public.tasks set deleted_at = null, status = 'todo' where id = md5('a')::uuid;
select is((select tasks_total || '/' || tasks_done from public.goals where id = md5('h')::uuid), '1/0', 'restored it counts again');

select * from finish();
rollback;
