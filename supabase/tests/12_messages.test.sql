-- Messages: one order, one transcript, and what is refused.
begin;
\ir people.psql
\ir rooms.psql
select plan(62);
create function tests.room() returns uuid language sql as $$ select md5('room')::uuid $$;
create function tests.due(seq bigint) returns jsonb language sql as $$
  select public.send_messages(
    tests.room(), jsonb_build_array(tests.b64(tests.message(tests.room(), 4, 'ada', 11))),
    tests.change(tests.room(), '{}', 4, 'ada', '{ada,ben}')
      || jsonb_build_object('seen', tests.seen(tests.room()) || jsonb_build_object('seq', seq))
  )
$$;
select tests.enrol(n) from unnest('{eve,ben,ada}'::text[]) n;
select tests.group_of('ada', tests.room());
select public.change_room(tests.room(), tests.change(
  tests.room(), array[tests.room_entry(tests.room(), 2, 2, 'ada', tests.add_data('ben'))], 2, 'ada', '{ada,ben}'));

select is(tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 1)) #> '{messages,0,seq}', '5', 'a message is the room''s next row');
select is(tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 1)) #> '{messages,0,seq}', '5', 'sent again, the same');
select is((select count(*) from public.messages), 1::bigint, 'and is there once');
select is(
  tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 2), tests.message(tests.room(), 2, 'ada', 3), tests.message(tests.room(), 2, 'ada', 2))
    -> 'messages' @? '$[*] ? (@.seq == 7)', true, 'several at once have numbers in their order'
);
select is((select last_seq from public.rooms), 7::bigint, 'also where one is there twice');
select is(
  (select array[epoch::text, class::text, sender_id::text, device_id::text, device_seq::text, id::text] from public.messages where seq = 5),
  array['2', '1', tests.id('ada')::text, tests.device('ada')::text, '1', md5('ada1')::uuid::text], 'columns are what the header says'
);
select is((select hash from public.messages where seq = 5), (
  select tests.h('message', header || sha256(body)) from public.messages where seq = 5
), 'the hash is of header and body');
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 9, 1, md5('ada1')::uuid)) $$, 'TK005', null,
  'an id with other content is refused'
);
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 1, 1, gen_random_uuid())) $$, 'TK603', null, 'and a number that was used'
);
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 9), tests.message(tests.room(), 2, 'ada', 9, 1, gen_random_uuid())) $$,
  'TK603', null, 'also by another of the same batch'
);
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 9), tests.message(tests.room(), 2, 'ada', 10, 1, md5('ada9')::uuid)) $$,
  'TK005', null, 'as an id is'
);
select throws_ok($$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 1, 'ada', 9)) $$, 'TK602', null, 'and another epoch');
select throws_ok($$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ben', 9)) $$, 'TK604', null, 'and another''s device');
select throws_ok($$ select tests.say(tests.room(), 'ada', tests.message(gen_random_uuid(), 2, 'ada', 9)) $$, 'TK001', null, 'and another room');
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 9, 3)) $$, 'TK001', null, 'and an unknown class'
);
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 9, 1, null, 65537)) $$, 'TK001', null, 'and a body above 64 KiB'
);
select lives_ok($$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 9, 1, null, 65536)) $$, 'which is the largest');
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 10, 1, null, 327)) $$, 'TK001', null, 'and one that is too short'
);
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 10) || '\x00'::bytea) $$, 'TK001', null, 'and bytes that trail'
);
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 11), tests.message(tests.room(), 1, 'ada', 12)) $$,
  'TK602', null, 'one that is refused'
);
select is((select last_seq from public.rooms), 8::bigint, 'takes its whole batch along');
select throws_ok($$ select public.send_messages(tests.room(), '[]') $$, 'TK001', null, 'no message is no batch');
select throws_ok($$ select public.send_messages(tests.room(), null) $$, 'TK001', null, 'nor is null');
select throws_ok($$ select public.send_messages(tests.room(), '[null]') $$, 'TK001', null, 'nor null in a list');
select throws_ok(
  $$ select public.send_messages(tests.room(), (select jsonb_agg('AA'::text) from generate_series(1, 51))) $$, 'TK001', null, '51 are too many'
);

-- What is due goes first.
select is(
  public.send_messages(
    tests.room(), jsonb_build_array(tests.b64(tests.message(tests.room(), 3, 'ada', 10))), tests.change(tests.room(), '{}', 3, 'ada', '{ada,ben}')
  ) #> '{room,epoch}', '3', 'a commit that is due goes with the message that needs it'
);
select is((select max(seq) - max(room_seq) from public.messages, public.room_epochs), 1::bigint, 'and before it');
select throws_ok(
  $$ select public.send_messages(
       tests.room(), jsonb_build_array(tests.b64(tests.message(tests.room(), 9, 'ada', 11))), tests.change(tests.room(), '{}', 4, 'ada', '{ada,ben}')
     ) $$, 'TK602', null, 'where the message is refused'
);
select is((select epoch from public.rooms), 3::bigint, 'the commit is not made');
select throws_ok($$ select tests.due(9) $$, 'TK601', null, 'a row that came in between is one that its messages do not know of');
select throws_ok($$ select tests.due(11) $$, 'TK601', null, 'nor is one named that is not there');
select is((select last_seq::text || '/' || epoch from public.rooms), '10/3', 'and nothing is made');
select is(tests.due(10) #>> '{messages,0,seq}', '12', 'with nothing in between they have the places that they name');
select is(tests.due(10) #>> '{messages,0,seq}', '12', 'and asked again the same, though the room is beyond them');
select is((select last_seq::text || '/' || epoch from public.rooms), '12/4', 'made once');

-- Others.
select tests.act_as('eve');
select throws_ok($$ select tests.say(tests.room(), 'eve', tests.message(tests.room(), 4, 'eve', 1)) $$, 'TK600', null, 'an outsider sends nothing');
select is((select count(*) from public.messages), 0::bigint, 'and reads nothing');
select tests.act_as('ben');
select is((select count(*) from public.messages), 6::bigint, 'a member reads all');
select tests.say(tests.room(), 'ben', tests.message(tests.room(), 4, 'ben', 1, 2));
select is(public.withdraw_messages(tests.room(), array[md5('ada1')::uuid]), 0, 'and takes nobody else''s away');
select tests.act_as('ada');
select is(public.withdraw_messages(tests.room(), array[md5('ada1')::uuid]), 0, 'nor one''s own before a word that it is deleted');
select tests.say(tests.room(), 'ada', tests.message(tests.room(), 4, 'ada', 12, 2));
select is(public.withdraw_messages(tests.room(), array[md5('ada1')::uuid]), 1, 'after it they go');
select is(
  (select private_length from (select octet_length(decode(translate(r ->> 'bytes', '-_', '+/') , 'base64')) as private_length
     from jsonb_array_elements(public.messages_page(tests.room())) r where r ->> 'kind' = 'tombstone') x), 315,
  'and header, hash and signature stay'
);

-- What a sender takes the room for.
select tests.act_as_owner();
create temporary table seen (n integer, seen jsonb) on commit drop;
grant all on seen to public;
create function tests.place() returns jsonb language sql security definer set search_path = '' as $$
  select jsonb_build_object('stamp', r.log_rows || '.' || r.devices_rev, 'seq', r.last_seq, 'transcript', tests.b64(r.transcript))
  from public.rooms r where r.id = tests.room()
$$;
create function tests.say_as(number integer, seen jsonb) returns jsonb language sql as $$
  select public.send_messages(tests.room(), jsonb_build_array(tests.b64(tests.message(tests.room(), 4, 'ada', number))), null, seen)
$$;
create function tests.seen_at(number integer) returns jsonb language sql security definer set search_path = '' as $$
  select s.seen from pg_temp.seen s where s.n = number
$$;
insert into seen values (1, tests.place());
select tests.act_as('ada');
select is(tests.say_as(13, tests.place()) #>> '{messages,0,seq}', '15', 'a room that is what its sender takes it for takes the message');
insert into seen values (2, tests.place());
select is(tests.say_as(14, tests.seen_at(1)) #>> '{messages,0,seq}', '16', 'as it does from who has missed a row');
select is(tests.say_as(15, tests.place() - 'seq') #>> '{messages,0,seq}', '17', 'and from who names the members alone');
select is(tests.say_as(15, tests.seen_at(2)) #>> '{messages,0,seq}', '17', 'sent again with what was seen then, it is there once');
select is(
  tests.say_as(16, tests.place() || jsonb_build_object('transcript', tests.b64(tests.nil(32)))) #>> '{stale,last_seq}', '17',
  'who has verified another last row is told where the room stands'
);
select is(
  tests.say_as(16, tests.seen_at(1) || jsonb_build_object('transcript', tests.b64(tests.nil(32)))) -> 'stale' ->> 'id', tests.room()::text,
  'and who has verified another one before it'
);
select is(tests.say_as(16, tests.place() || '{"seq": 18}') -> 'stale' ->> 'last_seq', '17', 'and who has seen a row that is not there');
select is(tests.say_as(16, tests.place() - 'transcript') -> 'stale' -> 'members', 'null', 'members that are known are not listed');
select is(tests.say_as(16, '"rubbish"') -> 'stale' ->> 'last_seq', '17', 'who says nothing that can be compared is told as well');
select throws_ok($$ select tests.say_as(16, '{"stamp": "1.1", "seq": 1, "transcript": "?"}') $$, 'TK001', null, 'and bytes have their form');
select is((select last_seq from public.rooms), 17::bigint, 'of all these nothing is stored');
insert into seen values (3, tests.place());
select tests.act_as('ben');
select public.append_device_entry(tests.b64(tests.add_device('ben', 'phone', 2)));
select tests.act_as('ada');
select is(
  (select m ->> 'log_rows' from jsonb_array_elements(tests.say_as(16, tests.seen_at(3)) -> 'stale' -> 'members') m
   where m ->> 'user_id' = tests.id('ben')::text), '2', 'another device of ben''s is told to who has not seen it'
);
select is(tests.say_as(15, tests.seen_at(3)) -> 'stale' ->> 'last_seq', '17', 'also to who sends again what is there');
select is((select last_seq from public.rooms), 17::bigint, 'and nothing is stored for the devices of before');
insert into seen values (4, tests.place());
select public.send_messages(tests.room(), (
  select jsonb_agg(tests.b64(tests.message(tests.room(), 4, 'ada', n))) from generate_series(100, 149) n
));
select is(tests.say_as(150, tests.seen_at(4)) #>> '{messages,0,seq}', '68', 'who has missed 50 rows may speak');
select is(tests.say_as(151, tests.seen_at(4)) -> 'stale' ->> 'last_seq', '68', 'who has missed more reads first');

-- Devices that may not send.
select tests.act_as('ada');
select public.append_device_entry(tests.b64(tests.device_entry('ada', 2, 4, tests.key('code'), tests.root('ada'))));
select throws_ok(
  $$ select tests.say(tests.room(), 'ada', overlay(tests.message(tests.room(), 4, 'ada', 200) placing uuid_send(tests.device('ada', 'code')) from 60 for 16)) $$,
  'TK604', null, 'a recovery key sends nothing'
);
select public.append_device_entry(tests.b64(tests.revoke('ada', 3, tests.device('ada'))));
select throws_ok($$ select tests.say(tests.room(), 'ada', tests.message(tests.room(), 4, 'ada', 200)) $$, 'TK604', null, 'nor a device that was revoked');
select throws_ok(
  $$ select public.change_room(tests.room(), tests.change(tests.room(), '{}', 5, 'ada', '{ada,ben}')) $$, 'TK604', null, 'which commits nothing'
);
select is((select count(*) from public.epoch_recipients), 0::bigint, 'and whose wraps are gone');

select * from finish();
rollback;
