-- Erased identities and accounts, blocks and reports.
begin;
\ir people.psql
\ir rooms.psql
select plan(36);
create function tests.room() returns uuid language sql as $$ select md5('room')::uuid $$;
create function tests.members() returns text language sql security definer as $$
  select string_agg(case m.user_id when tests.id('ada') then 'ada' when tests.id('ben') then 'ben' when tests.id('carl') then 'carl' end || ':' || m.role
    || case when m.erased then '!' when m.left_at is not null then '-' else '' end, ' ' order by m.since) from public.room_members m
$$;
select tests.enrol(n) from unnest('{eve,carl,ben,ada}'::text[]) n;
select tests.group_of('ada', tests.room());
select public.change_room(tests.room(), tests.change(tests.room(), array[
  tests.room_entry(tests.room(), 2, 2, 'ada', tests.add_data('ben')), tests.room_entry(tests.room(), 3, 2, 'ada', tests.add_data('carl'))
], null));
select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada,ben,carl}'));

-- Ben begins anew.
select tests.act_as('ben');
select public.append_device_entry(tests.b64(tests.device_entry('ben', 1, 1, tests.key_data('new'), tests.nil(32))));
select is(tests.members(), 'ada:3 ben:1! carl:1', 'another identity is no member: the first is erased');
select is((select count(*) from public.rooms), 0::bigint, 'and reads nothing');
select is((select count(*) from public.epoch_recipients), 0::bigint, 'its wraps are gone');
select throws_ok($$ select tests.say(tests.room(), 'ben', tests.message(tests.room(), 2, 'ben', 1)) $$, 'TK600', null, 'and it sends nothing');
select tests.act_as('ada');
select is(
  (select array[op::text, octet_length(entry)::text, encode(substring(entry from 59 for 104), 'hex')] from public.room_log where op = 11),
  array['11', '282', repeat('00', 104)], 'an unsigned marker stands in the log'
);
select is((select substring(entry from 171 for 48) from public.room_log where op = 11), uuid_send(tests.id('ben')) || tests.root('ben'), 'which names who it was');
select is((select topic_rev from public.rooms), 2, 'and the topic has moved');
select is((select rekey_required from public.rooms), true, 'a commit is due');
create function pg_temp.entry(op integer, name text, data bytea default '') returns jsonb language sql as $$
  select public.change_room(tests.room(), jsonb_build_object('entries', jsonb_build_array(tests.b64(
    tests.room_entry(tests.room(), (tests.seen(tests.room()) ->> 'log')::bigint + 1, op, name, data)))))
$$;
select tests.act_as('carl');
select lives_ok($$ select pg_temp.entry(7, 'carl', tests.who('ben')) $$, 'any member evicts the erased');
select is(tests.members(), 'ada:3 ben:1- carl:1', 'who then is no member');

-- The owner's account goes.
select tests.act_as_owner();
delete from auth.users where id = tests.id('ada');
select is(tests.members(), 'ada:3! ben:1- carl:1', 'an account that goes is erased in its rooms, and keeps its place');
select is((select count(*) from public.epoch_recipients where user_id = tests.id('ada')), 0::bigint, 'not its wraps');
select is((select count(*) from public.device_log where user_id = tests.id('ada')), 1::bigint, 'what it signed stays');
select is((select retired_at is not null from public.identities where user_id = tests.id('ada')), true, 'under an identity that is over');
select is((select count(*) from public.device_names where user_id = tests.id('ada')), 0::bigint, 'without its name');
select tests.act_as('carl');
select throws_ok($$ select pg_temp.entry(9, 'carl') $$, 'TK604', null, 'nobody is owner yet');
select lives_ok($$ select pg_temp.entry(7, 'carl', tests.who('ada')) $$, 'until the erased one is evicted');
select is(tests.members(), 'ada:1- ben:1- carl:3', 'then the member who is there for longest');
select lives_ok($$ select pg_temp.entry(2, 'carl', tests.add_data('eve', 2)) $$, 'who has an owner''s rights');
select tests.act_as_owner();
delete from auth.users where id in (tests.id('carl'), tests.id('eve'));
select is((select deleted_at is not null from public.rooms), true, 'with nobody left the room counts as deleted');
select is((select transcript from public.rooms), (
  with recursive t as (
    select 0::bigint as n, tests.h('transcript-start', uuid_send(tests.room())) as value
    union all
    select t.n + 1, tests.h('transcript', t.value || (
      select hash from (select room_seq, hash from public.room_log union all select room_seq, hash from public.room_epochs) r where r.room_seq = t.n + 1
    )) from t where t.n < (select last_seq from public.rooms)
  ) select value from t order by n desc limit 1
), 'the transcript runs through markers as well');

-- Blocks.
select tests.enrol('fay');
select tests.enrol('dan');
select is(public.set_blocked(tests.id('fay'), true), true, 'dan blocks fay');
select is(public.set_blocked(tests.id('fay'), true), true, 'twice is once');
select is(public.set_blocked(gen_random_uuid(), true), true, 'nobody can be asked for by blocking');
select is((select count(*) from public.blocks), 1::bigint, 'one block is there');
select is(public.report_user(tests.id('fay'), 'Spam'), true, 'and dan says why');
select throws_ok($$ select public.report_user(tests.id('fay'), '') $$, '23514', null, 'with a word');
select throws_ok($$ select public.report_user(tests.id('fay'), '<b>x</b>') $$, '23514', null, 'and no markup');
select tests.act_as('fay');
select is((select count(*) from public.blocks), 0::bigint, 'fay sees nothing of it');
select tests.group_of('fay', md5('fay')::uuid);
create function pg_temp.add(name text) returns jsonb language sql as $$
  select public.change_room(md5('fay')::uuid, jsonb_build_object('entries', jsonb_build_array(tests.b64(
    tests.room_entry(md5('fay')::uuid, (tests.seen(md5('fay')::uuid) ->> 'log')::bigint + 1, 2, 'fay', tests.add_data(name))))))
$$;
select throws_ok($$ select pg_temp.add('dan') $$, 'TK606', null, 'and brings him into no room');
create temporary table answer as select
  tests.detail_of($$ select pg_temp.add('dan') $$) - 'value' as blocked, tests.detail_of($$ select pg_temp.add('ben') $$) - 'value' as retired;
select is((select blocked from answer), (select retired from answer), 'told as of somebody who cannot be reached');
select tests.act_as('dan');
select public.set_blocked(tests.id('fay'), false);
select tests.act_as('fay');
select lives_ok($$ select pg_temp.add('dan') $$, 'until he does so no more');
select tests.act_as_owner();
update public.profiles set status = 'suspended' where id = tests.id('dan');
select tests.act_as('fay');
select throws_ok($$ select pg_temp.add('dan') $$, 'TK606', null, 'nor is somebody who is suspended brought in');
select is(public.set_blocked(null, null), null, 'nothing is blocked by nothing');

-- A self room ends without a marker: after one it could never be rekeyed.
select tests.act_as_owner();
create function tests.self_room() returns uuid language sql as $$
  select encode(substring(tests.h('self-room', uuid_send(tests.id('gus')) || tests.root('gus')) from 1 for 16), 'hex')::uuid
$$;
select tests.enrol('gus');
select public.create_room(
  tests.b64(tests.room_entry(tests.self_room(), 1, 1, 'gus', tests.create_data(3))),
  tests.change(tests.self_room(), '{}', 1, 'gus', '{gus}')
    || jsonb_build_object('seen', jsonb_build_object('log', 1, 'devices', jsonb_build_object(tests.id('gus'), 1)))
);
select public.append_device_entry(tests.b64(tests.device_entry('gus', 1, 1, tests.key_data('new'), tests.nil(32))));
select tests.act_as_owner();
select is((select array_agg(op) from public.room_log where room_id = tests.self_room()), '{1}', 'the log of a self room takes no marker');
select is(
  (select r.deleted_at is not null from public.rooms r where r.id = tests.self_room()), true, 'and the room is over with its identity'
);

select * from finish();
rollback;
