-- Rooms: who is in them, and what they read.
begin;
\ir people.psql
\ir rooms.psql
select plan(12);

select tests.enrol('eve');
select tests.enrol('ben');
select tests.enrol('ada');
select tests.group_of('ada', md5('room')::uuid);
select public.change_room(md5('room')::uuid, tests.change(
  md5('room')::uuid, array[tests.room_entry(md5('room')::uuid, 2, 2, 'ada', tests.add_data('ben'))], 2, 'ada', '{ada,ben}'
));
select is((select array_agg(role order by role) from public.room_members), '{1,3}', 'ada sees who is in her room, in which role');
select is((select count(*) from public.room_log), 2::bigint, 'its log');
select is((select count(*) from public.room_epochs), 2::bigint, 'its commits');
select is((select count(*) from public.epoch_recipients), 2::bigint, 'and the wraps for her own device');
select tests.act_as('ben');
select is((select count(*) from public.room_log), 2::bigint, 'ben reads the log from its beginning');
select is((select count(*) from public.epoch_recipients), 1::bigint, 'and the one wrap that is his');
select tests.act_as('eve');
select is((select count(*) from public.rooms), 0::bigint, 'eve sees no room');
select is((select count(*) from public.room_members), 0::bigint, 'nobody in one');
select is((select count(*) from public.epoch_recipients), 0::bigint, 'and no wrap');
select is(
  public.heads(array[md5('room')::uuid]), '[]', 'a room that is not hers stands nowhere'
);
select tests.act_as_owner();
select is(private.next_transcript(tests.nil(32), sha256('x')), tests.h('transcript', tests.nil(32) || sha256('x')), 'T_n hashes T_{n-1} and the row');
select is(
  (select transcript from public.rooms),
  (
    select tests.h('transcript', tests.h('transcript', tests.h('transcript', tests.h('transcript',
      tests.h('transcript-start', uuid_send(md5('room')::uuid)) || (select hash from public.room_log where room_seq = 1))
      || (select hash from public.room_epochs where room_seq = 2)) || (select hash from public.room_log where room_seq = 3))
      || (select hash from public.room_epochs where room_seq = 4))
  ), 'through entries and commits alike'
);

select * from finish();
rollback;
