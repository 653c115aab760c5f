-- Grants, invites and requests to join.
begin;
\ir people.psql
\ir rooms.psql
select plan(43);
create function tests.room() returns uuid language sql as $$ select md5('room')::uuid $$;
create function tests.entry(op integer, name text, data bytea default '') returns jsonb language sql as $$
  select public.change_room(tests.room(), jsonb_build_object('entries', jsonb_build_array(tests.b64(
    tests.room_entry(tests.room(), (tests.seen(tests.room()) ->> 'log')::bigint + 1, op, name, data)))))
$$;
create function tests.invite(id text, uses integer default 1, expiry bigint default 9000000000000) returns bytea language sql as $$
  select uuid_send(md5(id)::uuid) || '\x01'::bytea || tests.int(uses, 2) || int8send(expiry) || tests.nil(32)
$$;
create function tests.join(name text, id text) returns text language sql as $$
  select tests.b64('\x01'::bytea || uuid_send(tests.room()) || uuid_send(md5(id)::uuid) || int8send(1) || uuid_send(tests.id(name)) || tests.root(name)
    || tests.nil(40) || uuid_send(tests.device(name)) || tests.nil(136))
$$;
create function tests.grant(name text, recipient text, first bigint, last bigint) returns text language sql as $$
  select tests.b64('\x0101'::bytea || uuid_send(tests.room()) || uuid_send(tests.id(name)) || uuid_send(tests.device(name)) || tests.nil(40)
    || uuid_send(tests.id(recipient)) || uuid_send(tests.device(recipient)) || tests.nil(32) || int8send(first) || int8send(last) || int8send(1)
    || tests.nil(384) || tests.int(112, 4) || tests.nil(112) || tests.nil(64))
$$;
select tests.enrol(n) from unnest('{eve,carl,ben,ada}'::text[]) n;
select tests.group_of('ada', tests.room(), 1);
select public.change_room(tests.room(), tests.change(
  tests.room(), array[tests.room_entry(tests.room(), 2, 2, 'ada', tests.add_data('ben'))], 2, 'ada', '{ada,ben}'));

-- Grants.
select isnt(public.post_grant(tests.grant('ada', 'ben', 1, 1)), null, 'a member gives another what was said before');
select is(public.post_grant(tests.grant('ada', 'ben', 1, 1)), public.post_grant(tests.grant('ada', 'ben', 1, 1)), 'again, it is the same');
select throws_ok($$ select public.post_grant(tests.grant('ada', 'eve', 1, 1)) $$, 'TK606', null, 'an outsider is given nothing');
select throws_ok($$ select public.post_grant(tests.grant('ada', 'ben', 1, 9)) $$, 'TK606', null, 'nor anybody epochs to come');
select throws_ok($$ select public.post_grant(tests.grant('ada', 'ben', 2, 1)) $$, 'TK001', null, 'a range has a beginning and an end');
select throws_ok($$ select public.post_grant(tests.grant('ben', 'ada', 1, 1)) $$, 'TK604', null, 'a grant is its grantor''s');
select throws_ok($$ select public.post_grant(null) $$, 'TK001', null, 'and is something');
select tests.group_of('ada', md5('quiet')::uuid);
select public.change_room(md5('quiet')::uuid, tests.change(
  md5('quiet')::uuid, array[tests.room_entry(md5('quiet')::uuid, 2, 2, 'ada', tests.add_data('ben'))], 2, 'ada', '{ada,ben}'));
select throws_ok(
  $$ select public.post_grant(tests.b64(overlay(
       decode(translate(tests.grant('ada', 'ben', 1, 1), '-_', '+/') || '==', 'base64') placing uuid_send(md5('quiet')::uuid) from 3 for 16))) $$,
  'TK606', null, 'where history is not shared, others are given none'
);
select is((select count(*) from public.room_grants), 0::bigint, 'ada does not see what is ben''s');
select tests.act_as('eve');
select throws_ok($$ select public.post_grant(tests.grant('eve', 'ben', 1, 1)) $$, 'TK600', null, 'an outsider gives nothing');
select tests.act_as('ben');
select is(jsonb_array_length(public.my_grants(tests.device('ben'))), 1, 'ben reads it');
select is(public.my_grants(tests.device('ben')) #>> '{0,sealed}', tests.grant('ada', 'ben', 1, 1), 'as it was posted');
select is(public.drop_grants(array(select id from public.room_grants)), 1, 'and takes it away');
select is(public.drop_grants(null), 0, 'nothing takes nothing away');

-- Invites.
select tests.act_as('ada');
select tests.entry(5, 'ada', tests.invite('link', 2));
select is((select uses - used from public.room_invites), 2, 'an invite stands in the log and beside it');
select tests.entry(5, 'ada', tests.invite('late', 1, 1));
select tests.act_as('ben');
select throws_ok($$ select public.invited_log(tests.room(), md5('link')::uuid) $$, 'TK600', null, 'a member has it from the log and was not invited');
select is((select count(*) from public.room_invites), 0::bigint, 'and no admin''s view of it');
select tests.act_as('eve');
select is(jsonb_array_length(public.invited_log(tests.room(), md5('link')::uuid) -> 'entries'), 4, 'who has its id reads the log');
select is(jsonb_array_length(public.invited_log(tests.room(), md5('link')::uuid, 3) -> 'entries'), 1, 'from a number on');
select is((select count(*) from public.room_log), 0::bigint, 'by that call alone');
select is(public.room_rows(tests.room()), '[]', 'and no message');
select throws_ok($$ select public.invited_log(tests.room(), md5('late')::uuid) $$, 'TK600', null, 'an invite that is over');
select throws_ok($$ select public.invited_log(tests.room(), md5('none')::uuid) $$, 'TK600', null, 'is like one that never was');
select throws_ok($$ select public.invited_log(md5('other')::uuid, md5('link')::uuid) $$, 'TK600', null, 'or another room''s');
select is(public.request_join(tests.join('eve', 'link')), true, 'eve asks to be let in');
select is(public.request_join(tests.join('eve', 'link')), true, 'and may ask again');
select throws_ok($$ select public.request_join(tests.join('carl', 'link')) $$, 'TK604', null, 'for nobody else');
select throws_ok($$ select public.request_join(tests.join('eve', 'none')) $$, 'TK600', null, 'nor without an invite');
select throws_ok($$ select public.request_join(null) $$, 'TK001', null, 'nor with nothing');
select tests.act_as('ben');
select is(public.join_requests_of(tests.room()), '[]', 'a member does not see who asks');
select is(public.drop_join_requests(tests.room(), array[tests.id('eve')]), 0, 'nor refuses');
select tests.act_as('ada');
select is(public.join_requests_of(tests.room()) #>> '{0,request}', tests.join('eve', 'link'), 'an admin reads it');
select tests.entry(2, 'ada', tests.add_data('eve', 1, md5('link')::uuid));
select is(public.join_requests_of(tests.room()), '[]', 'who is let in asks no more');
select is((select used from public.room_invites where id = md5('link')::uuid), 1, 'and has used the invite once');
select tests.entry(3, 'ada', tests.who('eve'));
select tests.act_as('eve');
select throws_ok($$ select public.invited_log(tests.room(), md5('link')::uuid) $$, 'TK600', null, 'who was removed knows the id, and it is no invite');
select tests.act_as('carl');
select public.request_join(tests.join('carl', 'link'));
select is(public.drop_join_requests(tests.room(), array[tests.id('carl')]), 1, 'carl takes his request back');
select tests.act_as('ada');
select tests.entry(5, 'ada', tests.invite('link', 0));
select tests.act_as('carl');
select throws_ok($$ select public.request_join(tests.join('carl', 'link')) $$, 'TK600', null, 'an invite that was withdrawn is none');
select tests.act_as('ada');
select is(
  (select count(*) from public.room_log where op = 5), 3::bigint, 'the log has them all'
);
select throws_ok(
  $$ do $body$ begin for n in 1 .. 101 loop perform tests.entry(5, 'ada', tests.invite('link ' || n)); end loop; end $body$ $$, 'TK605', null,
  'a room has 100 open invites at most'
);
select lives_ok(
  $$ do $body$ begin for n in 1 .. 99 loop perform tests.entry(5, 'ada', tests.invite('link ' || n)); end loop; end $body$ $$, 'with one that was there as many stand'
);
select throws_ok($$ select tests.entry(5, 'ada', tests.invite('one more')) $$, 'TK605', null, 'and one more does not');
select tests.act_as_owner();
update public.room_invites set used = uses where id = md5('link 1')::uuid;
select tests.act_as('ada');
select lives_ok($$ select tests.entry(5, 'ada', tests.invite('one more')) $$, 'until one is used up');
select throws_ok($$ select tests.entry(5, 'ada', tests.invite('and another')) $$, 'TK605', null, 'for which one comes');

select * from finish();
rollback;
