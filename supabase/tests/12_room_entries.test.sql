-- Entries of a room's log: the table of rights, and what happens to members.
begin;
\ir people.psql
\ir rooms.psql
select plan(41);

create function tests.room() returns uuid language sql as $$ select md5('room')::uuid $$;
-- What comes of an entry by somebody: "" or the SQLSTATE.
create function tests.try(name text, op integer, data bytea default '') returns text
  language plpgsql as $$
begin
  perform tests.act_as(name);
  perform public.change_room(tests.room(), jsonb_build_object('entries', jsonb_build_array(tests.b64(
    tests.room_entry(tests.room(), (tests.seen(tests.room()) ->> 'log')::bigint + 1, op, name, data)
  ))));
  return '';
exception when others then
  return sqlstate;
end;
$$;
-- Who is in, as anybody with rights sees: name:role.
create function tests.members() returns text
  language sql security definer as $$
    select string_agg(p.username || ':' || m.role, ' ' order by p.username) from public.room_members m
      join public.profiles p on p.id = m.user_id where m.room_id = tests.room() and m.left_at is null
  $$;
select tests.enrol(n) from unnest('{eve,sue,carl,ben,ada}'::text[]) n;
select tests.group_of('ada', tests.room());

select is(tests.try('eve', 6), 'TK600', 'an outsider makes no entry');
select is(tests.try('ada', 2, tests.add_data('ben', 2)), '', 'the owner adds an admin');
select is(tests.try('ben', 2, tests.add_data('carl', 2)), 'TK604', 'who adds no admin');
select is(tests.try('ben', 2, tests.add_data('carl')), '', 'but members');
select is(tests.try('carl', 2, tests.add_data('eve')), 'TK604', 'who add nobody');
select is(tests.try('ada', 2, tests.add_data('ada')), 'TK604', 'nobody adds themselves');
select is(tests.try('ada', 2, tests.add_data('eve', 3)), 'TK604', 'nor another owner');
select is(tests.try('ada', 2, tests.add_data('eve', 0)), 'TK604', 'nor a role that is none');
select is(tests.try('ben', 2, tests.add_data('carl')), '', 'who is in already');
select is(tests.try('ada', 2, tests.add_data('ben')), '', 'also by the owner, in another role,');
select is(tests.members(), 'ada:3 ben:2 carl:1', 'stays as they are');
select is(tests.try('ben', 2, tests.who('ada') || sha256('x') || tests.nil(40) || '\x01'::bytea || tests.nil(16)), 'TK604', 'nor does an admin bring in another identity of the owner');
select tests.act_as('ada');
select throws_ok(
  $$ select public.change_room(tests.room(), jsonb_build_object('entries', jsonb_build_array(tests.b64(overlay(
       tests.room_entry(tests.room(), (tests.seen(tests.room()) ->> 'log')::bigint + 1, 6, 'ada') placing sha256('x') from 75 for 32))))) $$,
  'TK604', null, 'another identity is not the member'
);
select is(tests.try('carl', 3, tests.who('ben')), 'TK604', 'a member removes no admin');
select is(tests.try('ben', 3, tests.who('ada')), 'TK604', 'an admin no owner');
select is(tests.try('ben', 3, tests.who('ben')), 'TK604', 'and not themselves');
select is(tests.try('ben', 4, tests.who('carl') || '\x02'::bytea), 'TK604', 'an admin gives no roles');
select is(tests.try('ada', 4, tests.who('carl') || '\x04'::bytea), 'TK604', 'an owner none that is none');
select is(tests.try('carl', 8, tests.nil(40) || '\x0000'::bytea), 'TK604', 'a member gives no name');
select is(tests.try('ben', 8, tests.nil(40) || '\x0000'::bytea), '', 'an admin does');
select is(tests.try('ben', 9), 'TK604', 'an admin deletes no room');
select is(tests.try('ben', 10, '\x0102'), 'TK604', 'nor raises its suite');
select is(tests.try('carl', 5, uuid_send(md5('i')::uuid) || '\x010005'::bytea || int8send(1) || tests.nil(32)), 'TK604', 'a member invites nobody');
select is(tests.try('ada', 1, tests.create_data(1)), 'TK001', 'a room begins once');
select is(tests.try('ada', 11, tests.nil(48)), 'TK001', 'nobody writes the server''s marker');

-- Nobody is put out by a claim, and a target that is missing is no reason to refuse.
select is(tests.try('carl', 7, tests.who('ada')), '', 'who says that ada was erased');
select is(tests.members(), 'ada:3 ben:2 carl:1', 'changes nothing');
select is(tests.try('ben', 3, tests.who('sue')), '', 'removing who is not there');
select is(tests.members(), 'ada:3 ben:2 carl:1', 'neither');

-- Ownership.
select is(tests.try('ada', 4, tests.who('carl') || '\x03'::bytea), '', 'the owner hands the room over');
select is(tests.members(), 'ada:2 ben:2 carl:3', 'and is an admin from then on');
select is(tests.try('carl', 6), '', 'when the owner leaves');
select is(tests.members(), 'ada:3 ben:2', 'the admin who is there for longest follows');
select tests.act_as('carl');
select is(
  public.change_room(tests.room(), jsonb_build_object('entries', jsonb_build_array(tests.b64(
    tests.room_entry(tests.room(), (tests.seen(tests.room()) ->> 'log')::bigint, 6, 'carl')
  )))), jsonb_build_object('id', tests.room()), 'who left may repeat the call, and learns nothing by it'
);

select is(tests.try('carl', 8, tests.nil(40) || '\x0000'::bytea), 'TK600', 'and enters nothing more');

-- Deleting.
select is(tests.try('ada', 9), '', 'the owner deletes the room');
select is(tests.try('ben', 6), 'TK604', 'after which others make no entry');
select throws_ok(
  $$ select tests.say(tests.room(), 'ben', tests.message(tests.room(), 1, 'ben', 1)) $$, 'TK600', null, 'and nobody sends'
);
select is((select count(*) from public.room_log where op = 9), 1::bigint, 'members read that it was');
select is(tests.try('ada', 8, tests.nil(40) || '\x0000'::bytea), '', 'and its owner goes on, where the delete was void');
select tests.act_as_owner();
select is((select deleted_at from public.rooms where id = tests.room()), null, 'which takes it back');

select * from finish();
rollback;
