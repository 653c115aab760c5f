-- What is told, to whom, when, and that telling never fails what was done.
begin;
\ir people.psql
select plan(47);

select tests.sign_up('ada');
select tests.sign_up('eve');
-- What devices were told since the last look; n tells the order, since one transaction has one now().
create table tests.seen (id uuid primary key);
create view tests.told as
  select m.id, m.topic, m.event, m.private, m.payload - 'id' as payload, (m.payload ->> 'n')::bigint as n
  from realtime.messages m where m.extension = 'broadcast' and not exists (select from tests.seen s where s.id = m.id);
grant select on tests.told to public;
create function tests.commit() returns void
  language plpgsql as $$ begin set constraints all immediate; set constraints all deferred; end $$;
create function tests.forget() returns void
  language plpgsql security definer as $$ begin set constraints all immediate; set constraints all deferred; insert into tests.seen select id from tests.told; end $$;
create function tests.events(name text) returns text[]
  language sql stable security definer as $$
    select coalesce(array_agg(event order by n), '{}') from tests.told where topic like 'user:' || tests.id(name) || ':%'
  $$;
create function tests.row_told(wanted text) returns jsonb
  language sql stable security definer as $$ select payload -> 'row' from tests.told where event = wanted order by n desc limit 1 $$;
select tests.forget();

-- Goals and tasks.
select tests.act_as('ada');
insert into public.goals (id, title) values (md5('g')::uuid, 'Marathon');
select is(tests.events('ada'), '{}', 'before the commit nothing is told');
select tests.commit();
select is(tests.events('ada'), '{goals.insert,activities.insert}', 'then the goal and its line');
select is(tests.events('eve'), '{}', 'to ada and not to eve');
select tests.act_as_owner();
select is((select array_agg(distinct private) from tests.told), '{t}', 'on a private channel');
select is((select payload from tests.told where event = 'goals.insert'), jsonb_build_object(
  'v', 1, 'table', 'goals', 'op', 'insert', 'n', 1,
  'row', (select to_jsonb(g) - 'search' - 'due_sort' from public.goals g where id = md5('g')::uuid)
), 'with the row as its owner may see it');
select is(tests.row_told('activities.insert') ->> 'kind', 'goal.created', 'the line says what happened');

select tests.forget();
select tests.act_as('ada');
insert into public.tasks (id, goal_id, title) values (md5('t')::uuid, md5('g')::uuid, 'shoes');
update public.tasks set title = 'Shoes' where id = md5('t')::uuid;
select tests.commit();
select is(tests.events('ada'), '{tasks.insert,goals.update,activities.insert,activities.insert}',
  'what is touched several times in a transaction is told once');
select is(tests.row_told('tasks.insert') ->> 'title', 'Shoes', 'as it ended');
select is((tests.row_told('goals.update') ->> 'tasks_total')::integer, 1, 'with what triggers made of it');
select tests.act_as_owner();
select is((select array_agg(n order by n) from tests.told), '{3,4,5,6}', 'under the next numbers');

select tests.forget();
select tests.act_as('ada');
update public.goals set deleted_at = now() where id = md5('g')::uuid;
select tests.commit();
select is(tests.events('ada'), '{goals.update,activities.insert,tasks.update}', 'deleting softly is an update, of the tasks too');
select ok(tests.row_told('tasks.update') ->> 'deleted_at' is not null, 'that says when');
select tests.act_as_owner();
select tests.forget();
delete from public.tasks where id = md5('t')::uuid;
select tests.commit();
select ok('tasks.delete' = any (tests.events('ada')), 'erasing is a delete');
select is(tests.row_told('tasks.delete'), jsonb_build_object('id', md5('t')::uuid), 'that names the row');

-- A row that changes hands.
select tests.forget();
update public.goals set owner_id = tests.id('eve') where id = md5('g')::uuid;
select tests.commit();
select ok('goals.delete' = any (tests.events('ada')), 'who may not see a row any more hears that it is gone');
select ok('goals.update' = any (tests.events('eve')), 'who may now, hears of it');
select is((select array_agg(k) from jsonb_object_keys(tests.row_told('goals.delete')) k), '{id}', 'and the former owner hears none of its content');

-- Profiles.
select tests.forget();
select tests.act_as('ada');
update public.profiles set display_name = 'Ada Lovelace' where id = tests.id('ada');
select tests.commit();
select is(tests.events('ada'), '{profiles.update}', 'one''s own profile is told');
select is(tests.row_told('profiles.update') ->> 'display_name', 'Ada Lovelace', 'as it is now');
select is(tests.row_told('profiles.update'), (select to_jsonb(p) from public.profiles p where id = tests.id('ada')), 'just as ada selects it');

-- Many at once.
select tests.act_as_owner();
select tests.forget();
select tests.act_as('ada');
insert into public.tasks (title) select 'a ' || n from generate_series(1, 50) n;
select tests.commit();
select is((select count(*) from unnest(tests.events('ada')) e where e = 'tasks.insert'), 50::bigint, '50 rows of a statement are told one by one');
select tests.act_as_owner();
select is((select array_agg(payload #>> '{row,title}' order by n) from tests.told where event = 'tasks.insert'),
  (select array_agg('a ' || n order by n) from generate_series(1, 50) n), 'in their order');
select tests.forget();
select tests.act_as('ada');
insert into public.tasks (title) select 'b ' || n from generate_series(1, 51) n;
select tests.commit();
select is(tests.events('ada'), '{tasks.many,activities.many}', 'more are told as one event');
select tests.act_as_owner();
select is((select payload from tests.told where event = 'tasks.many'),
  (select jsonb_build_object('v', 1, 'table', 'tasks', 'op', 'many', 'row', null, 'n', last_n - 1) from private.user_topics where user_id = tests.id('ada')),
  'that names none of them');

-- The largest row that the rules admit.
select tests.forget();
select tests.act_as('ada');
insert into public.tasks (title, description, custom, tags)
values (repeat('🏃', 200), repeat('🏃', 10000), jsonb_build_object('k', repeat('🏃', 4000)), array(select repeat('🏃', 48) || n from generate_series(10, 29) n));
select tests.commit();
select tests.act_as_owner();
select ok((select max(octet_length(payload::text)) < 256 * 1024 from tests.told), 'the largest row is far from what Realtime refuses');

-- Moving.
select tests.forget();
update public.profiles set status = 'suspended' where id = tests.id('ada');
select tests.commit();
select results_eq(
  $$ select event, payload - 'n', topic from tests.told where topic = 'user:' || tests.id('ada') || ':1' $$,
  $$ values ('moved', '{"v": 1, "rev": 2}'::jsonb, 'user:' || tests.id('ada') || ':1') $$,
  'a suspension moves the topic, and the old one hears that and nothing else'
);
select is((select topic from tests.told where event = 'profiles.update'), 'user:' || tests.id('ada') || ':2', 'the rest is said on the new one');
update public.profiles set status = 'active' where id = tests.id('ada');
select tests.commit();
select is((select rev from private.user_topics where user_id = tests.id('ada')), 2, 'restoring moves nothing');
set local role supabase_auth_admin;
update auth.users set banned_until = now() + interval '1 hour' where id = tests.id('ada');
reset role;
select tests.commit();
select is((select rev from private.user_topics where user_id = tests.id('ada')), 3, 'a ban by Auth moves the topic as well');
update auth.users set banned_until = null where id = tests.id('ada');
select tests.commit();
select is((select rev from private.user_topics where user_id = tests.id('ada')), 3, 'its end does not');
insert into auth.sessions (id, user_id, created_at) values (md5('phone')::uuid, tests.id('ada'), now());
select tests.forget();
select tests.act_as('ada');
select public.revoke_session(md5('phone')::uuid);
select tests.commit();
select is(tests.events('ada'), '{moved}', 'a revoked session moves the topic');
select is(public.my_topic() ->> 'rev', '4', 'to which the other devices follow');
select tests.act_as_owner();
set local role supabase_auth_admin;
delete from auth.sessions where user_id = tests.id('eve');
reset role;
select tests.commit();
select is((select rev from private.user_topics where user_id = tests.id('eve')), 2, 'so does signing out');
select is((select rev from private.user_topics where user_id = tests.id('ada')), 4, 'of whoever does, and nobody else');

-- Undone is never told.
select tests.forget();
select tests.act_as('ada');
savepoint before;
insert into public.goals (title) values ('not after all');
rollback to savepoint before;
select tests.commit();
select is(tests.events('ada'), '{}', 'what is rolled back is not told');
select tests.act_as_owner();
select is_empty('select from private.changes', 'and no note stays behind');

-- Realtime away.
select tests.forget();
savepoint whole;
do $$
declare
  partition regclass;
begin
  set local role supabase_realtime_admin;
  for partition in select inhrelid::regclass from pg_inherits where inhparent = 'realtime.messages'::regclass loop
    execute format('drop table %s', partition);
  end loop;
  reset role;
end;
$$;
set local client_min_messages = error;
select tests.act_as('ada');
select lives_ok($$ insert into public.goals (id, title) values (md5('h')::uuid, 'Without a partition') $$, 'without a partition a goal is made');
select lives_ok($$ select tests.commit() $$, 'and committed');
select is(public.feed_since((public.my_topic() ->> 'n')::bigint - 2) #>> '{events,0,row,title}', 'Without a partition', 'and the feed has it');
select tests.act_as_owner();
rollback to savepoint whole;
savepoint whole;
set local client_min_messages = error;
set local role supabase_realtime_admin;
revoke execute on function realtime.send(jsonb, text, text, boolean) from public, supabase_realtime_admin;
reset role;
select tests.act_as('ada');
select lives_ok($$ insert into public.goals (id, title) values (md5('i')::uuid, 'Without Realtime') $$, 'without Realtime a goal is made');
select lives_ok($$ select tests.commit() $$, 'and committed');
select is(public.feed_since((public.my_topic() ->> 'n')::bigint - 2) #>> '{events,0,row,title}', 'Without Realtime', 'and the feed has it');
select tests.act_as_owner();
select lives_ok($$ update public.profiles set status = 'suspended' where id = tests.id('ada') $$, 'a suspension does not wait for it');
select lives_ok($$ select tests.commit() $$, 'and is committed');
rollback to savepoint whole;

-- The end of an account.
select lives_ok($$ delete from auth.users where id = tests.id('ada') $$, 'an account is erased');
select lives_ok($$ select tests.commit() $$, 'with all that would have had to be told');
select is_empty($$ select from private.user_topics where user_id = tests.id('ada') $$, 'and its topic');

select * from finish();
rollback;
