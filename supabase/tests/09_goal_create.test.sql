-- A goal and its tasks in one call.
begin;
\ir people.psql
select plan(16);

select tests.sign_up('ada');
select tests.sign_up('ben');

select tests.act_as('ben');
insert into public.goals (id, title) values (md5('ben goal')::uuid, 'His');
insert into public.tasks (id, title) values (md5('ben task')::uuid, 'his');

select tests.act_as('ada');
select is(
  jsonb_array_length(public.goal_create(
    jsonb_build_object('id', md5('gc')::uuid, 'title', 'Trip', 'due_at', '2027-05-01T10:00:00+02:00'),
    jsonb_build_array(
      jsonb_build_object('id', md5('t1')::uuid, 'title', 'tickets', 'tags', '["x"]'::jsonb),
      jsonb_build_object('title', 'seat', 'parent_id', md5('t1')::uuid)
    )
  ) -> 'tasks'), 2, 'a goal is made with its tasks and subtasks'
);
select is((select tasks_total from public.goals where id = md5('gc')::uuid), 2, 'which count');
select lives_ok(format(
  'select public.goal_create(%L, %L)',
  jsonb_build_object('id', md5('gc')::uuid, 'title', 'Trip', 'due_at', '2027-05-01T08:00:00Z'),
  jsonb_build_array(
    jsonb_build_object('id', md5('t1')::uuid, 'title', 'tickets', 'tags', '["x"]'::jsonb),
    jsonb_build_object('title', 'seat', 'parent_id', md5('t1')::uuid)
  )
), 'the same call again, spelled otherwise, is admitted');
select is((select count(*) from public.tasks where goal_id = md5('gc')::uuid), 2::bigint, 'and adds nothing');
select throws_ok(format(
  'select public.goal_create(%L)', jsonb_build_object('id', md5('gc')::uuid, 'title', 'Other trip')
), 'TK005', null, 'the same id with other content is refused with CONFLICT_ID');
select throws_ok(format(
  'select public.goal_create(%L, %L)', jsonb_build_object('id', md5('gc')::uuid, 'title', 'Trip'),
  jsonb_build_array(jsonb_build_object('id', md5('t1')::uuid, 'title', 'ships'))
), 'TK005', null, 'so are other tasks');
select throws_ok(format(
  'select public.goal_create(%L, %L)', jsonb_build_object('id', md5('gc')::uuid, 'title', 'Trip'),
  jsonb_build_array(
    jsonb_build_object('id', md5('t1')::uuid, 'title', 'tickets'), jsonb_build_object('title', 'seat'),
    jsonb_build_object('title', 'one more')
  )
), 'TK005', null, 'and a task more than before: a repetition adds nothing');
select throws_ok(format(
  'select public.goal_create(%L, %L)', jsonb_build_object('title', 'New trip'),
  jsonb_build_array(jsonb_build_object('id', md5('ben task')::uuid, 'title', 'his'))
), 'TK005', null, 'so is a new goal with the id of somebody else''s task');
select is(
  public.goal_create('{"title": "Nulls", "colour": null, "custom": {"a": null}}') #> '{goal,custom}', '{"a": null}',
  'null stands for "not given", but is kept within custom'
);
select throws_ok(format(
  'select public.goal_create(%L)', jsonb_build_object('id', md5('ben goal')::uuid, 'title', 'His')
), 'TK005', null, 'so is the id of somebody else''s goal');
select throws_ok(
  $$ select public.goal_create('{"title": "Half"}', '[{"title": "good"}, {"title": "<b>"}]') $$, '23514', null,
  'a bad task refuses the whole'
);
select is_empty($$ select from public.goals where title = 'Half' $$, 'and nothing of it is stored');
select is(
  tests.detail_of($$ select public.goal_create('{"title": "x"}', '[{"title": "y"}, {"titel": "z"}]') $$) ->> 'field',
  'tasks.1.titel', 'an unknown field is named with its place'
);
select throws_ok($$ select public.goal_create('[]') $$, 'TK001', null, 'a goal is an object');
select throws_ok(
  format('select public.goal_create(%L, %L)', '{"title": "x"}',
    (select jsonb_agg(jsonb_build_object('title', n)) from generate_series(1, 501) n)),
  'TK006', null, '501 tasks at once are too many'
);
select tests.act_as_owner();
delete from auth.sessions where id = tests.session_of('ada');
select tests.act_as('ada');
select throws_ok($$ select public.goal_create('{"title": "late"}') $$, 'TK003', null, 'signed out, the call is refused');

select * from finish();
rollback;
