-- The feed: what a device reads to learn what it missed.
begin;
\ir people.psql
select plan(29);

select tests.sign_up('ada');
select tests.sign_up('eve');
create function tests.commit() returns void
  language plpgsql as $$ begin set constraints all immediate; set constraints all deferred; end $$;
-- n, table and op of each event.
create function tests.steps(told jsonb) returns text
  language sql immutable as $$
    select string_agg(format('%s %s.%s', e ->> 'n', e ->> 'table', e ->> 'op'), ', ' order by at)
    from jsonb_array_elements(told -> 'events') with ordinality as t (e, at)
  $$;
select tests.commit();

select tests.act_as('ada');
select is(public.feed_since(0), '{"n": 0, "too_old": false, "events": []}', 'before anything happened there is nothing to tell');
insert into public.goals (id, title) values (md5('g')::uuid, 'Marathon');
select tests.commit();
update public.goals set title = 'Half marathon' where id = md5('g')::uuid;
select tests.commit();
select is(tests.steps(public.feed_since(0)), '1 goals.insert, 2 activities.insert, 3 goals.update, 4 activities.insert', 'what happened, in order');
select is(tests.steps(public.feed_since(2)), '3 goals.update, 4 activities.insert', 'after a number');
select is(tests.steps(public.feed_since(2, 1)), '3 goals.update', 'in portions');
select is(public.feed_since(2, 1) -> 'n', '4', 'which say how far there is to go');
select is(public.feed_since(4), '{"n": 4, "too_old": false, "events": []}', 'and nothing when nothing is missing');
select is(public.my_topic() -> 'n', '4', 'my_topic() gives the same number');
select is(
  public.feed_since(0, 1) #> '{events,0,row}',
  (select to_jsonb(g) - 'search' - 'due_sort' from public.goals g where id = md5('g')::uuid), 'rows are read as they are now'
);
select is(public.feed_since(0, 1) #> '{events,0,v}', '1', 'in the form in which they are told');

insert into public.tasks (title) select 'task ' || n from generate_series(1, 60) n;
select tests.commit();
select is(tests.steps(public.feed_since(4)), '5 tasks.many, 6 activities.many', 'many rows are one event');
select is(public.feed_since(4) #> '{events,0,row}', 'null', 'without a row');

select throws_ok($$ select public.feed_since(0, 0) $$, 'TK001', null, 'a portion of nothing is refused');
select throws_ok($$ select public.feed_since(0, 201) $$, 'TK001', null, 'and one that is too large');
select throws_ok($$ select public.feed_since(0, null) $$, 'TK001', null, 'and one without an end');
select is(public.feed_since(7) -> 'too_old', 'true', 'a number that was never given means: refetch');
select is(public.feed_since(-1) -> 'too_old', 'true', 'also below zero');
select is(public.feed_since(null) -> 'too_old', 'true', 'and none at all');
select is(public.feed_since(9223372036854775807) -> 'too_old', 'true', 'and the largest there is');

select tests.act_as('eve');
select is(public.feed_since(0), '{"n": 0, "too_old": false, "events": []}', 'eve hears nothing of ada''s');
select tests.act_as(null);
select throws_ok($$ select public.feed_since(0) $$, '42501', null, 'nor does a bare publishable key');

-- What is erased.
select tests.act_as_owner();
delete from public.goals where id = md5('g')::uuid;
select tests.commit();
select tests.act_as('ada');
select is(public.feed_since(2, 1) #> '{events,0}', jsonb_build_object(
  'v', 1, 'n', 3, 'table', 'goals', 'op', 'delete', 'row', jsonb_build_object('id', md5('g')::uuid)
), 'a row that is gone is told as deleted, whatever had been done to it');

-- What is forgotten.
select tests.act_as_owner();
update private.user_feed set at = now() - interval '8 days' where n <= 3 and user_id = tests.id('ada');
select is(private.forget_feed(2), 2, 'what is older than 7 days is forgotten in portions');
select is(private.forget_feed(), 1, 'until all of it is');
select tests.act_as('ada');
select is(public.feed_since(2) -> 'too_old', 'true', 'who was away for longer has to refetch');
select is(tests.steps(public.feed_since(3, 1)), '4 activities.delete', 'who was not, reads on');
-- Times are those at which transactions began, numbers those of their ends: a later event may be the older one.
select tests.act_as_owner();
update private.user_feed set at = now() - interval '8 days' where n = 5 and user_id = tests.id('ada');
select is(private.forget_feed(), 1, 'one in the middle goes first, where it was long under way');
select tests.act_as('ada');
select is(public.feed_since(3) -> 'too_old', 'true', 'and who would have read on over it has to refetch');
select is(tests.steps(public.feed_since(3, 1)), '4 activities.delete', 'but not for what comes before');
select tests.act_as_owner();
delete from private.user_feed where user_id = tests.id('ada');
select tests.act_as('ada');
select is(public.feed_since(3) -> 'too_old', 'true', 'also where nothing is left');

select * from finish();
rollback;
