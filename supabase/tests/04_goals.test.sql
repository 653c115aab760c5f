-- Goals: who may do what, unique titles, states, undo.
begin;
\ir people.psql
select plan(50);

select tests.sign_up('ada');
select tests.sign_up('ben');
select tests.sign_up('eve');

select tests.act_as('ada');
insert into public.goals (id, title) values (md5('run')::uuid, 'Run a marathon');
select results_eq(
  $$ select owner_id, status::text, priority::integer, description::text, position = 'a0', custom, progress, version, completed_at, deleted_at
     from public.goals $$,
  $$ values (tests.id('ada'), 'open', 0, '', true, '{}'::jsonb, 0::real, 1, null::timestamptz, null::timestamptz) $$,
  'a title is enough to make a goal'
);

-- Whose it is.
select throws_ok(
  $$ insert into public.goals (owner_id, title) values (tests.id('ben'), 'his') $$, '42501', null,
  'ada cannot make a goal for ben'
);
select tests.act_as('eve');
select is_empty('select id from public.goals', 'eve sees none of ada''s goals');
select is_empty($$ update public.goals set title = 'x' returning id $$, 'and changes none');
select throws_ok('delete from public.goals', '42501', null, 'nobody deletes for good');
select tests.act_as(null);
select throws_ok('select id from public.goals', '42501', null, 'strangers cannot ask');
select throws_ok($$ insert into public.goals (title) values ('x') $$, '42501', null, 'or insert');

-- Columns that are not the owner's to set.
select tests.act_as('ada');
select throws_ok(
  format('update public.goals set %I = %I', name, name), '42501', null, name || ' cannot be updated'
) from unnest('{id,owner_id,tasks_total,tasks_done,completed_at,created_at,updated_at,version}'::text[]) as name;
select throws_ok(
  format('insert into public.goals (title, %I) values (%L, null)', name, 'x'), '42501', null, name || ' cannot be given'
) from unnest('{tasks_total,tasks_done,completed_at,deleted_at,created_at,updated_at,version}'::text[]) as name;

-- What a column may hold, by the name that the SDK reads.
create function pg_temp.refused_by(statement text) returns text language plpgsql as $$
declare
  name text;
begin
  execute statement;
  return null;
exception when others then
  get stacked diagnostics name = constraint_name;
  return name;
end;
$$;
select is(
  pg_temp.refused_by(format('update public.goals set %s where id = %L', change, md5('run')::uuid)), refused_by,
  change || ' is refused by ' || refused_by
) from (values
  ($$title = ''$$, 'goals_title_length'),
  ($$title = repeat('x', 201)$$, 'goals_title_length'),
  ($$title = '<i>'$$, 'plain_line_no_markup'),
  ($$description = repeat('x', 10001)$$, 'goals_description_length'),
  ($$priority = 4$$, 'goals_priority_range'),
  ($$colour = 'red;'$$, 'goals_colour_format'),
  ($$icon = ''$$, 'goals_icon_length'),
  ($$position = '0a'$$, 'goals_position_format'),
  ($$custom = '[]'$$, 'goals_custom_object'),
  ($$custom = '{"a": "<b>"}'$$, 'goals_custom_plain'),
  ($$due_at = 'infinity'$$, 'goals_due_at_range'),
  ($$starts_on = '2027-01-03', due_at = '2027-01-01 12:00Z'$$, 'goals_dates_order')
) as v (change, refused_by);

-- One open goal of a title.
select throws_ok(
  $$ insert into public.goals (title) values ('run a MARATHON') $$, 'TK301', null,
  'an open goal of the same title is refused, letter case aside'
);
select is(
  tests.detail_of($$ insert into public.goals (title) values ('Run a marathon') $$) ->> 'proposed', 'Run a marathon (2)',
  'and a free title is proposed'
);
insert into public.goals (id, title) values (md5('2')::uuid, 'Run a marathon (2)');
select is(
  tests.detail_of($$ update public.goals set title = 'run a marathon' where id = md5('2')::uuid $$) ->> 'proposed',
  'run a marathon (3)', 'one that is free indeed; renaming is held to the same rule'
);
select lives_ok(
  $$ insert into public.goals (id, title) values (md5('run')::uuid, 'Run a marathon') on conflict (id) do nothing $$,
  'a repeated create does not stumble over itself'
);
select tests.act_as('ben');
select lives_ok($$ insert into public.goals (title) values ('Run a marathon') $$, 'ben may have the same title');

-- States.
select tests.act_as('ada');
select results_eq(
  $$ update public.goals set status = 'done' where id = md5('run')::uuid returning completed_at, version $$,
  'values (now(), 2)', 'done sets completed_at'
);
select lives_ok($$ insert into public.goals (id, title) values (md5('3')::uuid, 'Run a marathon') $$, 'a done goal frees its title');
select throws_ok(
  $$ update public.goals set status = 'open' where id = md5('run')::uuid $$, 'TK301', null,
  'reopening is refused while the title is taken'
);
select results_eq(
  $$ update public.goals set status = 'open', title = 'Run again' where id = md5('run')::uuid returning completed_at $$,
  'values (null::timestamptz)', 'reopened under another title it is not completed any more'
);

-- Undo.
select results_eq(
  $$ update public.goals set deleted_at = '2001-01-01' where id = md5('3')::uuid returning deleted_at $$,
  'values (now())', 'the server''s clock says when a goal was deleted'
);
update public.goals set deleted_at = null, title = 'Back' where id = md5('3')::uuid;
select is((select deleted_at from public.goals where id = md5('3')::uuid), null, 'null restores it');

-- Versions.
select results_eq(
  $$ update public.goals set colour = 'teal' where id = md5('2')::uuid and version = 1 returning version $$,
  'values (2)', 'each edit raises the version'
);
select is_empty(
  $$ update public.goals set colour = 'red' where id = md5('2')::uuid and version = 1 returning version $$,
  'an edit of an older version finds no row'
);

-- The service, and erasure.
select tests.act_as_owner();
set local role service_role;
select cmp_ok((select count(*) from public.goals), '>', 3::bigint, 'the secret key sees all goals');
select lives_ok($$ delete from public.goals where id = md5('2')::uuid $$, 'and may erase');
select tests.act_as_owner();
delete from auth.users where id = tests.id('ada');
select is_empty($$ select from public.goals where owner_id = tests.id('ada') $$, 'an erased account leaves no goals');

select * from finish();
rollback;
