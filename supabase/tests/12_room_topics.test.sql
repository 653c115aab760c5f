-- Live rooms: who hears, who must stop, and what is told.
begin;
\ir people.psql
\ir rooms.psql
select plan(27);
create function tests.room() returns uuid language sql as $$ select md5('room')::uuid $$;
create function tests.commit() returns void
  language plpgsql as $$ begin set constraints all immediate; set constraints all deferred; end $$;
create function tests.topic(kind text default 'room') returns text language sql security definer as $$
  select format('%s:%s:%s', $1, r.id, r.topic_rev) from public.rooms r where r.id = tests.room()
$$;
create function tests.told(kind text) returns text language sql security definer as $$
  select string_agg(split_part(topic, ':', 3) || ' ' || event || coalesce(' ' || (payload ->> 'seq'), ''), ', ' order by inserted_at, (payload ->> 'seq')::integer)
  from realtime.messages where topic like kind || ':' || tests.room() || '%'
$$;
create function tests.events(name text) returns text language sql security definer as $$
  select string_agg(table_name || '.' || operation, ' ' order by n) from private.user_feed where user_id = tests.id(name)
$$;
select is(private.parse_topic('room:' || tests.room() || ':1')::text, format('(room,%s,1)', tests.room()), 'a room''s topic is read');
select is(private.parse_topic('rooms:' || tests.room() || ':1'), null, 'and nothing that is nearly one');
select tests.enrol(n) from unnest('{eve,ben,ada}'::text[]) n;
select tests.group_of('ada', tests.room());
select public.change_room(tests.room(), tests.change(
  tests.room(), array[tests.room_entry(tests.room(), 2, 2, 'ada', tests.add_data('ben'))], 2, 'ada', '{ada,ben}'));
select tests.commit();

select is(private.may_hear(tests.topic()), true, 'ada hears her room');
select is(private.may_hear(tests.topic('live')), true, 'and its members');
select is(private.may_speak(tests.topic('live')), true, 'to whom she speaks');
select is(private.may_speak(tests.topic()), false, 'nobody speaks where the database does');
select is(private.may_hear('room:' || tests.room() || ':2'), false, 'a revision to come is nobody''s');
select is(private.may_hear('user:' || tests.room() || ':1'), false, 'a room is no user');
select tests.act_as('eve');
select is(private.may_hear(tests.topic()) or private.may_hear(tests.topic('live')) or private.may_speak(tests.topic('live')), false, 'eve hears and says nothing');
select tests.act_as('ben');
select is(private.may_hear(tests.topic()), true, 'ben hears it from when he is in');
select is(tests.events('ben'), 'devices.update rooms.insert', 'and was told of it on his own topic');
select is(tests.told('room'), '1 room_log.insert 1, 1 room_epochs.insert 2, 1 room_log.insert 3, 1 room_epochs.insert 4', 'each row is told once');
select tests.say(tests.room(), 'ben', tests.message(tests.room(), 2, 'ben', 1));
select is(tests.told('room') like '%, 1 messages.insert 5', true, 'messages too');
select tests.act_as_owner();
select is(
  (select payload #>> '{row,bytes}' from realtime.messages where event = 'messages.insert'),
  tests.b64(tests.message(tests.room(), 2, 'ben', 1)), 'as they came'
);

-- Somebody is removed.
select tests.act_as('ada');
select public.change_room(tests.room(), tests.change(
  tests.room(), array[tests.room_entry(tests.room(), 3, 3, 'ada', tests.who('ben'))], 3, 'ada', '{ada}'));
select tests.commit();
select is(tests.told('room') like '%1 room_log.insert 6%', true, 'the old topic hears why it moves');
select is((tests.told('room') like '%1 moved 6%') and (tests.told('room') not like '%1 room_epochs.insert 7%'), true, 'that it does, and nothing more');
select is(tests.told('room') like '%2 room_epochs.insert 7%', true, 'the next one hears what follows');
select is(tests.topic(), 'room:' || tests.room() || ':2', 'which is revision 2');
select is(private.may_hear(tests.topic()), true, 'where ada listens');
select is(private.may_hear('room:' || tests.room() || ':1'), false, 'and not on the old one');
select is(tests.events('ada') like '%rooms.update', true, 'as she was told on her own');
select tests.act_as('ben');
select is(private.may_hear(tests.topic()) or private.may_hear(tests.topic('live')), false, 'ben hears nothing any more');
select is(public.feed_since(2) #>> '{events,0,op}', 'delete', 'and was told that the room is gone');

-- Devices and accounts.
select tests.act_as('ada');
select public.append_device_entry(tests.b64(tests.add_device('ada', 'laptop', 2)));
select is(tests.topic(), 'room:' || tests.room() || ':2', 'a device that is added moves no topic');
select is((select rekey_required from public.rooms), true, 'but a commit is due');
select public.append_device_entry(tests.b64(tests.revoke('ada', 3, tests.device('ada', 'laptop'))));
select is(tests.topic(), 'room:' || tests.room() || ':3', 'one that is revoked does');
select tests.act_as_owner();
update public.profiles set status = 'suspended' where id = tests.id('ada');
select is(tests.topic(), 'room:' || tests.room() || ':4', 'and a suspension');

select * from finish();
rollback;
