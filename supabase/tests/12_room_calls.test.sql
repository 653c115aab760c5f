-- Making rooms and changing them.
begin;
\ir people.psql
\ir rooms.psql
select plan(53);

create function tests.room() returns uuid language sql as $$ select md5('room')::uuid $$;
create function tests.direct(one text, other text) returns uuid language sql as $$
  select encode(substring(tests.h('direct-room', least(a, b) || greatest(a, b)) from 1 for 16), 'hex')::uuid
  from (select uuid_send(tests.id(one)) || tests.root(one) as a, uuid_send(tests.id(other)) || tests.root(other) as b) x
$$;
create function tests.make_direct(name text, peer text, id uuid, names text[] default null) returns jsonb language sql as $$
  select public.create_room(
    tests.b64(tests.room_entry(id, 1, 1, name, tests.create_data(2, 0, peer))),
    jsonb_build_object(
      'commit', tests.b64(tests.commit(id, 1, name, array[name, peer])), 'wraps', tests.wraps(array[name, peer]),
      'seen', jsonb_build_object('log', 1, 'devices', jsonb_build_object(tests.id(name), 1, tests.id(peer), 1))
    )
  )
$$;
select tests.enrol(n) from unnest('{eve,ben,ada}'::text[]) n;
select tests.group_of('ada', tests.room());
select is((select epoch::text || last_seq || log_rows from public.rooms), '121', 'a room is made with its first commit');
select is(tests.group_of('ada', tests.room()) ->> 'last_seq', '2', 'made twice it is one');
select tests.act_as('eve');
select throws_ok($$ select tests.group_of('eve', tests.room()) $$, 'TK005', null, 'nobody else makes one of its id');
select throws_ok(
  $$ select public.create_room(tests.b64(tests.room_entry(gen_random_uuid(), 1, 1, 'ada', tests.create_data(1))), '{"commit": "AA"}') $$,
  'TK604', null, 'nor one in another''s name'
);
select throws_ok(
  $$ select public.create_room(tests.b64(tests.room_entry(tests.id('ada'), 1, 1, 'eve', tests.create_data(1))), '{"commit": "AA"}') $$,
  'TK001', null, 'nor one with the id of an account, whose live topic it would share'
);
select throws_ok(
  $$ select public.create_room(tests.b64(tests.room_entry(gen_random_uuid(), 1, 1, 'eve', tests.create_data(1))), '{}') $$,
  'TK001', null, 'nor one without an epoch'
);
select throws_ok($$ select public.create_room(null, null) $$, 'TK001', null, 'nothing makes no room');

-- Direct and self rooms.
select tests.group_of('eve', tests.direct('ada', 'ben'));
select is((select kind from public.rooms where id = tests.direct('ada', 'ben')), 'group', 'eve sits on the id of ada and ben');
select tests.act_as('ada');
select throws_ok($$ select tests.make_direct('ada', 'ben', gen_random_uuid()) $$, 'TK001', null, 'a direct room has the id that its two give');
select throws_ok(
  $$ select tests.make_direct('ada', 'ben', tests.direct('ben', 'eve')) $$, 'TK001', null, 'and not that of others'
);
select throws_ok($$ select tests.make_direct('ada', 'ada', tests.direct('ada', 'ada')) $$, 'TK001', null, 'and nobody has one with themselves');
select lives_ok($$ select tests.make_direct('ada', 'ben', tests.direct('ada', 'ben')) $$, 'ada and ben''s is theirs: the group makes way');
select is((select array_agg(role) from public.room_members where room_id = tests.direct('ada', 'ben')), '{1,1}', 'both are in it as members');
select tests.act_as('eve');
select is((select count(*) from public.rooms where id = tests.direct('ada', 'ben')), 0::bigint, 'and eve is not');
select throws_ok($$ select tests.group_of('eve', tests.direct('ada', 'ben')) $$, 'TK005', null, 'nor comes there again');
select tests.act_as('ben');
select throws_ok($$ select tests.make_direct('ben', 'ada', tests.direct('ada', 'ben')) $$, 'TK005', null, 'ben is told that it is there already');
select throws_ok(
  $$ select public.change_room(tests.direct('ada', 'ben'), tests.change(
       tests.direct('ada', 'ben'), array[tests.room_entry(tests.direct('ada', 'ben'), 2, 2, 'ben', tests.add_data('eve'))], 2, 'ben', '{ben}'
     )) $$, 'TK604', null, 'no third person comes in'
);
select throws_ok(
  $$ select public.change_room(tests.direct('ada', 'ben'), jsonb_build_object('entries', jsonb_build_array(tests.b64(
       tests.room_entry(tests.direct('ada', 'ben'), 2, 6, 'ben'))))) $$, 'TK604', null, 'and nobody leaves'
);
select throws_ok(
  $$ select public.create_room(tests.b64(tests.room_entry(gen_random_uuid(), 1, 1, 'ben', tests.create_data(3))), '{"commit": "AA"}') $$,
  'TK001', null, 'a self room has the id that its user gives'
);

-- Commits.
select tests.act_as('ada');
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 3, 'ada', '{ada}')) $$, 'TK602', null, 'epochs are in order'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') || '{"seen": {"log": 0}}') $$, 'TK601', null,
  'whoever has not read all of the log is told so'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') - 'seen') $$, 'TK601', null, 'also who says nothing'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}')
       || jsonb_build_object('seen', jsonb_build_object('log', 1, 'devices', jsonb_build_object(tests.id('ada'), 0)))) $$,
  'TK601', null, 'and who has not read a device log'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}')
       || jsonb_build_object('seen', jsonb_build_object('log', 1, 'devices', jsonb_build_object(tests.id('ada'), 1, tests.id('ben'), 9)))) $$,
  'TK601', null, 'also of somebody who is to come in'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') || '{"seen": {"log": 1, "devices": [1]}}') $$,
  '22023', null, 'a list is not read as an object'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') || '{"seen": {"log": "x"}}') $$, '22P02', null,
  'rubbish is a wrong value and no failure'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') || '{"wraps": []}') $$, 'TK001', null,
  'each row has its wrap'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') || jsonb_build_object('wraps', tests.wraps('{ben}'))) $$,
  'TK001', null, 'and no other one'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') || jsonb_build_object('wraps', tests.wraps('{ada,ben}'))) $$,
  'TK001', null, 'and none besides'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ben', '{ada}')) $$, 'TK604', null, 'a commit is its committer''s'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}')
       || jsonb_build_object('commit', tests.b64(tests.commit(tests.room(), 2, 'ada', '{ada}', null, 0)))) $$,
  'TK601', null, 'a commit has seen the last row of the log'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}')
       || jsonb_build_object('commit', tests.b64(tests.commit(tests.room(), 2, 'ada', '{ada}', sha256('x'))))) $$,
  'TK001', null, 'its prev is a commit that is there'
);
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 2, 'ada', '{ada}') || jsonb_build_object(
       'commit', tests.b64(overlay(tests.commit(tests.room(), 2, 'ada', '{ada}') placing tests.who('ben') from 254 for 16)))) $$,
  'TK001', null, 'a device is in the list under its own user'
);
select throws_ok($$ select public.change_room(tests.room(), '[]') $$, 'TK001', null, 'a change is an object');
select throws_ok($$ select public.change_room(tests.room(), '{"entries": "x"}') $$, 'TK001', null, 'its entries a list');
select throws_ok($$ select public.change_room(tests.room(), '{"entries": [[1]]}') $$, 'TK001', null, 'of texts');
select throws_ok($$ select public.change_room(null, '{"entries": ["AA"]}') $$, 'TK600', null, 'no room is no room');
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(
       tests.room(), array[tests.room_entry(tests.room(), 2, 2, 'ada', tests.add_data('ben'))], 5, 'ada', '{ada,ben}')) $$, 'TK602', null,
  'entries and their commit are taken together'
);
select is((select count(*) from public.room_members where room_id = tests.room()), 1::bigint, 'or not at all');
-- A void revoke of ben's: his device is in the list of every valid commit all the same.
select tests.act_as('ben');
select public.append_device_entry(tests.b64(tests.revoke('ben', 2, tests.device('ben'))));
select tests.act_as('ada');
create temporary table made as select tests.change(
  tests.room(), array[tests.room_entry(tests.room(), 2, 2, 'ada', tests.add_data('ben'))], 2, 'ada', '{ada,ben}') as change;
grant select on made to authenticated;
select is(public.change_room(tests.room(), (select change from made)) ->> 'epoch', '2', 'who looks revoked to the database holds no room up');
select is(public.change_room(tests.room(), (select change from made)) ->> 'last_seq', '4', 'and the same call again adds nothing');
select tests.act_as('eve');
select throws_ok($$ select public.change_room(tests.room(), (select change from made)) $$, 'TK600', null, 'nor tells an outsider anything');

-- At most 500 entries stand without a commit.
select tests.act_as_owner();
create function tests.names(count integer) returns jsonb language sql as $$
  select public.change_room(tests.room(), tests.change(tests.room(), (
    select array_agg(tests.room_entry(tests.room(), (select log_rows from public.rooms where id = tests.room()) + n, 8, 'ada', tests.nil(40) || '\x0000'::bytea))
    from generate_series(1, count) n
  )))
$$;
create function tests.commit_again() returns jsonb language sql as $$
  select public.change_room(tests.room(), tests.change(
    tests.room(), array[tests.room_entry(tests.room(), (select log_rows from public.rooms where id = tests.room()) + 1, 8, 'ada', tests.nil(40) || '\x0000'::bytea)],
    3, 'ada', '{ada,ben}'))
$$;
select tests.act_as('ada');
select is(tests.names(100) ->> 'log_rows', '102', 'ada names the room a hundred times in a call');
select tests.names(100) from generate_series(1, 3);
select is(tests.names(99) ->> 'log_rows', '501', 'and 499 times');
select is(tests.names(1) ->> 'log_rows', '502', '500 times');
select throws_ok($$ select tests.names(1) $$, 'TK605', null, 'not once more: there has to be a commit');
select is(tests.commit_again() ->> 'epoch', '3', 'with which it is taken');
select lives_ok($$ select tests.names(1) $$, 'and the count begins anew');
select tests.names(100) from generate_series(1, 4);
select tests.names(99);
select lives_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), array[
       tests.room_entry(tests.room(), (select log_rows from public.rooms where id = tests.room()) + 1, 6, 'ada')])) $$,
  'leaving is always possible'
);

-- Ids of groups.
select tests.act_as_owner();
do $$ begin execute (select sql from rule); end $$;
create function tests.id_at(at timestamptz, version text default '7') returns uuid language sql as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || version || 'abc8abcdef012345678')::uuid
$$;
select is(
  array[private.is_group_id(tests.id_at(now())), private.is_group_id(tests.id_at('2025-01-01Z')), private.is_group_id(tests.id_at(now() + interval '23 hours'))],
  '{t,t,t}', 'a group is called by a UUIDv7'
);
select is(
  array[private.is_group_id(tests.id_at('2024-12-31Z')), private.is_group_id(tests.id_at(now() + interval '25 hours')), private.is_group_id(tests.id_at(now(), '4')),
    private.is_group_id(tests.direct('ada', 'ben')), private.is_group_id(null)],
  '{f,f,f,f,null}', 'of its time, and not by what could be the id of a direct room'
);
select tests.act_as('eve');
create temporary table answers as select
  tests.detail_of($$ select tests.group_of('eve', tests.direct('ada', 'ben')) $$) as there,
  tests.detail_of($$ select tests.group_of('eve', tests.direct('ben', 'zoe')) $$) as nowhere;
select is((select there from answers), (select nowhere from answers), 'eve is answered alike whether ada and ben have a room or not');
select isnt((select there from answers), null, 'which is no');

select * from finish();
rollback;
