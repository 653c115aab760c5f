-- Reading rooms: pages, heads, lists and marks.
begin;
\ir people.psql
\ir rooms.psql
select plan(28);
create function tests.room() returns uuid language sql as $$ select md5('room')::uuid $$;
create function tests.places(rows jsonb) returns text language sql as $$
  select string_agg(r ->> 'seq', ',' order by at) from jsonb_array_elements(rows) with ordinality as x (r, at)
$$;
create function tests.told(stamp text) returns text language sql as $$
  select jsonb_typeof(public.heads(array[tests.room()], jsonb_build_object(tests.room(), stamp)) #> '{0,members}')
$$;
create function tests.take_stamp() returns text language sql as $$
  select set_config('tests.stamp', public.heads(array[tests.room()]) #>> '{0,stamp}', true)
$$;
select tests.enrol(n) from unnest('{eve,ben,ada}'::text[]) n;
select tests.group_of('ada', tests.room());
select public.change_room(tests.room(), tests.change(
  tests.room(), array[tests.room_entry(tests.room(), 2, 2, 'ada', tests.add_data('ben'))], 2, 'ada', '{ada,ben}'));
select tests.say(tests.room(), 'ada', tests.message(tests.room(), 2, 'ada', 1), tests.message(tests.room(), 2, 'ada', 2), tests.message(tests.room(), 2, 'ada', 3, 2));

select is(tests.places(public.room_rows(tests.room())), '1,2,3,4,5,6,7', 'all rows come in their order, whatever they are');
select is(
  (select string_agg(r ->> 'kind', ' ' order by at) from jsonb_array_elements(public.room_rows(tests.room())) with ordinality x (r, at)),
  'entry commit entry commit message message message', 'each with its kind'
);
select is(
  public.room_rows(tests.room()) #>> '{4,bytes}', tests.b64(tests.message(tests.room(), 2, 'ada', 1)), 'as it was sent'
);
select is(tests.places(public.room_rows(tests.room(), 3, 2)), '4,5', 'from a number on, as many as asked for');
select is(tests.places(public.room_rows(tests.room(), 7)), null, 'and none after the last');
select is(tests.places(public.room_rows(tests.room(), null, null)), '1,2,3,4,5,6,7', 'null is the default');
select is(tests.places(public.messages_page(tests.room())), '7,6,5', 'messages page back from the newest');
select is(tests.places(public.messages_page(tests.room(), 7, 1)), '6', 'before a number');
select is(public.room_wraps(tests.room(), tests.device('ada')) #>> '{1,wrap}', tests.b64(tests.wrap('ada')), 'a device reads its wraps');
select is(jsonb_array_length(public.room_wraps(tests.room(), tests.device('ada'), 1)), 1, 'after an epoch');
select is(public.room_wraps(tests.room(), tests.device('ben')), '[]', 'and nobody else''s');
select is(
  public.heads(array[tests.room(), gen_random_uuid()]) #> '{0,members}' @> jsonb_build_array(jsonb_build_object('user_id', tests.id('ben'), 'log_rows', 1)),
  true, 'heads say how far each member''s log has come'
);
select throws_ok($$ select public.heads(array(select gen_random_uuid() from generate_series(1, 201))) $$, 'TK001', null, 'of 200 rooms at most');
select is(public.heads(null), '[]', 'and of none for null');
select tests.take_stamp();
select is(tests.told(current_setting('tests.stamp')), 'null', 'members are not listed to who names the present stamp');
select is(tests.told('1.0'), 'array', 'but to who names another');
select public.append_device_entry(tests.b64(tests.device_entry('ada', 2, 4, tests.key('code'), tests.root('ada'))));
select is(tests.told(current_setting('tests.stamp')), 'array', 'and after a row of a member''s device log');

select tests.act_as('ben');
select is(public.my_rooms() #> '{0,unread}', '2', 'what others have said is unread');
select is(public.mark_read(tests.room(), 5), 5::bigint, 'ben reads some of it');
select is(public.my_rooms() #> '{0,unread}', '1', 'then less is');
select is(public.mark_read(tests.room(), 3), 5::bigint, 'marks do not go back');
select is(public.mark_read(tests.room(), 99), 7::bigint, 'nor beyond what there is');
select is(public.mark_read(tests.room(), null), 7::bigint, 'and null moves none');
select tests.act_as('ada');
select is((select count(*) from public.read_marks), 0::bigint, 'ada does not see how far he is');
select is(public.my_rooms(now() - interval '1 day'), '[]', 'rooms page by their last message');
select tests.act_as('eve');
select is(public.room_rows(tests.room()) || public.messages_page(tests.room()) || public.my_rooms(), '[]', 'eve reads nothing');
select throws_ok($$ select public.mark_read(tests.room(), 1) $$, 'TK600', null, 'and marks nothing');

select tests.act_as('ada');
select tests.take_stamp();
select public.change_room(tests.room(), jsonb_build_object('entries', jsonb_build_array(
  tests.b64(tests.room_entry(tests.room(), 3, 4, 'ada', tests.who('ben') || '\x02'::bytea)))));
select is(tests.told(current_setting('tests.stamp')), 'array', 'and after an entry of the room''s');

select * from finish();
rollback;
