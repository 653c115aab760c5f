-- Who may listen and speak on which topic, asked as Realtime asks.
begin;
\ir people.psql
select plan(61);

select tests.sign_up('ada');
select tests.sign_up('ben');
select tests.sign_up('eve');

-- The partition of the day, whatever day it is.
set local role supabase_realtime_admin;
insert into realtime.messages (topic, extension, event, private)
select kind || ':' || tests.id(name) || ':1', extension, name, true
from unnest(array['user', 'live']) kind, unnest(array['ada', 'eve']) name, unnest(array['broadcast', 'presence']) extension;
reset role;

-- How many probes of a topic somebody sees: one per extension.
create function tests.hears(topic text) returns bigint
  language plpgsql as $$
begin
  perform set_config('realtime.topic', topic, true);
  return (select count(*) from realtime.messages m where m.topic = hears.topic);
end;
$$;

create function tests.speak(topic text, extension text default 'broadcast', row_topic text default null) returns void
  language plpgsql as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (topic, extension, event, private) values (coalesce(row_topic, speak.topic), speak.extension, 'goals.insert', true);
end;
$$;

create function tests.topic(kind text, name text, rev integer default 1) returns text
  language sql as $$ select kind || ':' || tests.id(name) || ':' || rev $$;

-- What a topic is.
select is(private.parse_topic(tests.topic('user', 'ada', 12)), ('user', tests.id('ada'), 12)::private.topic, 'a user''s topic');
select is(private.parse_topic(tests.topic('live', 'ada')), ('live', tests.id('ada'), 1)::private.topic, 'a live topic');
select is(private.parse_topic(rubbish), null, format('%L is no topic', left(rubbish, 60)))
from unnest(array[
  '', ' ', ':', '::', 'user', 'user:', 'user::', 'user::1', 'user:1', 'user:1:1', 'room', 'user:null:1', 'live:%:1',
  tests.topic('user', 'ada') || ' ', ' ' || tests.topic('user', 'ada'), tests.topic('user', 'ada') || E'\n',
  tests.topic('user', 'ada') || ':1', 'realtime:' || tests.topic('user', 'ada'), upper(tests.topic('user', 'ada')),
  'user:' || tests.id('ada'), 'user:' || tests.id('ada') || ':', 'user:' || tests.id('ada') || ':0',
  'user:' || tests.id('ada') || ':01', 'user:' || tests.id('ada') || ':-1', 'user:' || tests.id('ada') || ':+1',
  'user:' || tests.id('ada') || ':1.0', 'user:' || tests.id('ada') || ':1e1', 'user:' || tests.id('ada') || ':٣',
  'user:' || tests.id('ada') || ':9999999999', 'user:{' || tests.id('ada') || '}:1',
  'user:' || replace(tests.id('ada')::text, '-', '') || ':1', repeat('user:', 20000), 'user:' || tests.id('ada') || ':' || repeat('1', 20000)
]) as rubbish;
select is(private.parse_topic(null), null, 'nothing is no topic');
-- Every topic with one letter changed is either rubbish or another topic, and never an error.
select is_empty(
  $$ select 1 from (select tests.topic('user', 'ada', 7) as topic) t, generate_series(1, length(topic)) at, unnest('{x,:,-,0,"",é,"''"}'::text[]) letter
     where overlay(topic placing letter from at for 1) <> topic
       and private.parse_topic(overlay(topic placing letter from at for 1)) = ('user', tests.id('ada'), 7)::private.topic $$,
  'a topic with one letter changed is not the same topic'
);

-- Listening.
select tests.act_as('ada');
select is(tests.hears(tests.topic('user', 'ada')), 2::bigint, 'ada hears her own topic, broadcasts and presence');
select is(tests.hears(tests.topic('live', 'ada')), 2::bigint, 'and her devices');
select is(tests.hears(tests.topic('user', 'ada', 2)), 0::bigint, 'and not the revision to come');
select is(tests.hears('user:rubbish:1'), 0::bigint, 'rubbish is refused and no error');
select set_config('realtime.topic', tests.topic('user', 'ada'), true);
select is((select count(*) from realtime.messages where topic <> realtime.topic()), 0::bigint,
  'who asks about her own topic sees nothing of others');
select tests.act_as('eve');
select is(tests.hears(tests.topic('user', 'ada')), 0::bigint, 'eve does not hear ada''s topic');
select is(tests.hears(tests.topic('live', 'ada')), 0::bigint, 'or her devices');
select is(tests.hears(tests.topic('user', 'eve')), 2::bigint, 'but her own');
select tests.act_as(null);
select is(tests.hears(tests.topic('user', 'ada')), 0::bigint, 'a bare publishable key hears nothing');

-- Speaking.
select throws_ok($$ select tests.speak(tests.topic('user', 'ada')) $$, '42501', null, 'and says nothing');
select throws_ok($$ select tests.speak(tests.topic('live', 'ada')) $$, '42501', null, 'anywhere');
select tests.act_as('ada');
select throws_ok($$ select tests.speak(tests.topic('user', 'ada')) $$, '42501', null, 'ada cannot forge an event, not even to herself');
select throws_ok($$ select tests.speak(tests.topic('user', 'ada'), 'presence') $$, '42501', null, 'nor be present there');
select throws_ok($$ select tests.speak(tests.topic('live', 'ada'), 'broadcast', tests.topic('user', 'ada')) $$, '42501', null,
  'nor slip a row onto another topic');
select lives_ok($$ select tests.speak(tests.topic('live', 'ada')) $$, 'her devices speak to each other');
select lives_ok($$ select tests.speak(tests.topic('live', 'ada'), 'presence') $$, 'and see each other');
select throws_ok($$ select tests.speak(tests.topic('live', 'ada', 2)) $$, '42501', null, 'in the present revision alone');
select tests.act_as('eve');
select throws_ok($$ select tests.speak(tests.topic('user', 'ada')) $$, '42501', null, 'eve cannot forge an event of ada''s');
select throws_ok($$ select tests.speak(tests.topic('live', 'ada')) $$, '42501', null, 'or speak among her devices');

-- Where one listens.
select tests.act_as('ada');
select is(public.my_topic(), jsonb_build_object('topic', tests.topic('user', 'ada'), 'rev', 1, 'n', 0), 'my_topic() says where');
select tests.act_as_owner();
update public.profiles set status = 'suspended' where id = tests.id('ada');
set constraints all immediate;
select tests.act_as('ada');
select is(tests.hears(tests.topic('user', 'ada')) + tests.hears(tests.topic('user', 'ada', 2)), 0::bigint, 'suspended, ada hears nothing more');
select throws_ok($$ select tests.speak(tests.topic('live', 'ada')) $$, '42501', null, 'and says nothing more');
select throws_ok($$ select public.my_topic() $$, 'TK002', null, 'and is told why');
select tests.act_as_owner();
update public.profiles set status = 'active' where id = tests.id('ada');
select tests.act_as('ada');
select is(public.my_topic() ->> 'topic', tests.topic('user', 'ada', 2), 'restored, she listens on the topic that it moved to');

select * from finish();
rollback;
