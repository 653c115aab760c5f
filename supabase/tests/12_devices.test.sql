-- Devices: logs of keys that only grow, and what they mean for access.
begin;
\ir people.psql
\ir rooms.psql
select plan(31);

select tests.enrol('ben');
select tests.enrol('ada');
select is((select count(*) from public.device_log), 1::bigint, 'ada reads her own log in its table, and nobody else''s');
select is(
  public.append_device_entry(tests.b64(tests.first_entry('ada'))) ->> 'hash', tests.b64(tests.root('ada')),
  'the same entry again is accepted, and gives its hash'
);
select is((select rows from public.identities), 1::bigint, 'and is there once');
select is(public.append_device_entry(tests.b64(tests.add_device('ada', 'laptop', 2))) ->> 'seq', '2', 'the next number is taken');
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.add_device('ada', 'tablet', 2))) $$, 'TK601', null, 'a number is taken once'
);
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.add_device('ada', 'tablet', 4))) $$, 'TK601', null, 'and none is left out'
);
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.add_device('ben', 'thief', 2))) $$, 'TK604', null, 'nobody writes another''s log'
);
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.device_entry('ada', 3, 1, tests.key_data('tablet'), tests.root('ada'), sha256('x')))) $$,
  'TK001', null, 'prev has to be a hash that is there'
);
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.add_device('ada', 'tablet', 3) || '\x00'::bytea)) $$, 'TK001', null,
  'lengths are exact'
);
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.device_entry('ada', 3, 9, tests.key_data('tablet'), tests.root('ada')))) $$,
  'TK001', null, 'operations are known'
);
select throws_ok($$ select public.append_device_entry('AA') $$, 'TK001', null, 'rubbish is refused');
select throws_ok($$ select public.append_device_entry(null) $$, 'TK001', null, 'and nothing');
select throws_ok($$ select public.append_device_entry('<script>') $$, 'TK001', null, 'and what is no base64url');

-- Names.
select tests.act_as('ada');
create temporary table named as select
  tests.nil(16) || '\x0003'::bytea || 'ada'::bytea as opening, tests.h('username', tests.nil(16) || 'ada'::bytea) as hash;
grant select on named to authenticated;
select throws_ok(
  $$ select public.append_device_entry(
       tests.b64(tests.device_entry('ada', 3, 3, (select hash from named), tests.root('ada'))), tests.b64(tests.nil(19))
     ) $$, 'TK001', null, 'an opening that does not fit its name hash is refused'
);
select lives_ok(
  $$ select public.append_device_entry(
       tests.b64(tests.device_entry('ada', 3, 3, (select hash from named), tests.root('ada'))), tests.b64((select opening from named))
     ) $$, 'one that fits is kept'
);

-- Reading.
select tests.act_as('ben');
select is((select count(*) from public.device_log where user_id = tests.id('ada')), 0::bigint, 'ben does not see ada''s log in its table');
select is(
  jsonb_array_length(public.read_device_logs(jsonb_build_array(jsonb_build_object('user_id', tests.id('ada')))) #> '{0,entries}'), 3,
  'and reads it by her id'
);
select is(
  public.read_device_logs(jsonb_build_array(jsonb_build_object('user_id', tests.id('ada'), 'after', 2))) #>> '{0,entries,0}',
  tests.b64(tests.device_entry('ada', 3, 3, (select hash from named), tests.root('ada'))), 'from a number on, as it came'
);
select is(
  public.read_device_logs(jsonb_build_array(jsonb_build_object('user_id', tests.id('ada')))) #>> '{0,openings,3}',
  tests.b64((select opening from named)), 'with what its names open to'
);
select is(public.read_device_logs(jsonb_build_array(jsonb_build_object('user_id', gen_random_uuid()))), '[]', 'an id that is nobody''s gives nothing');
select throws_ok($$ select public.read_device_logs('{}') $$, 'TK001', null, 'what is no list is refused');
select throws_ok($$ select public.read_device_logs('[{"user_id": "x"}]') $$, '22P02', null, 'and what is no id');
select throws_ok($$ select public.read_device_logs(null) $$, 'TK001', null, 'and nothing');

-- Keys that come and go.
select tests.act_as('ada');
select public.append_device_entry(tests.b64(tests.device_entry('ada', 4, 4, tests.key('code'), tests.root('ada'))));
select public.append_device_entry(tests.b64(tests.device_entry('ada', 5, 4, tests.key('other code'), tests.root('ada'))));
select is(
  (select array_agg(kind || ' ' || coalesce(revoked_seq::text, '-') order by added_seq) from public.devices),
  '{device -,device -,recovery 5,recovery -}', 'a new recovery key takes the place of the last'
);
select public.append_device_entry(tests.b64(tests.revoke('ada', 6, tests.device('ada', 'laptop'))));
select is((select revoked_seq from public.devices where id = tests.device('ada', 'laptop')), 6::bigint, 'a device is revoked');
select public.append_device_entry(tests.b64(tests.add_device('ada', 'laptop', 7)));
select is((select revoked_seq from public.devices where id = tests.device('ada', 'laptop')), 6::bigint, 'and its key does not come back');
select public.append_device_entry(tests.b64(tests.add_device('ada', 'tab', 8, 1)));
select is((select kind from public.devices where id = tests.device('ada', 'tab')), 'temporary', 'a tab is a temporary device');

-- Another identity.
select public.append_device_entry(tests.b64(tests.device_entry('ada', 1, 1, tests.key_data('new phone'), tests.nil(32))));
select is((select count(*) from public.identities where retired_at is null), 1::bigint, 'a second identity retires the first');
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.add_device('ada', 'tablet', 9))) $$, 'TK601', null, 'whose log is closed'
);
select lives_ok(
  $$ select public.append_device_entry(tests.b64(tests.first_entry('ada'))) $$, 'what is in it is acknowledged still'
);
select tests.act_as_owner();
update public.profiles set status = 'suspended' where id = tests.id('ada');
select tests.act_as('ada');
select throws_ok(
  $$ select public.append_device_entry(tests.b64(tests.first_entry('ada'))) $$, 'TK002', null, 'who is suspended adds nothing'
);

select * from finish();
rollback;
