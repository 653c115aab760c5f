-- Search by words, tags and fields of one's own.
begin;
\ir people.psql
select plan(20);

select tests.sign_up('ada');
select tests.sign_up('eve');

select is(private.search_query('a:* ''b''')::text, $$'a' & 'b'$$, 'signs of the query language are no signs of it');

select tests.act_as('ada');
insert into public.goals (title, description, custom) values
  ('Maratona de São Paulo', 'buy shoes', '{"colour": "teal", "size": {"eu": 42}}'), ('House', 'paint it', '{"colour": "red"}');
insert into public.tasks (title, description, tags, custom) values
  ('Buy shoes', 'the blue ones', '{shop,run}', '{"shop": "market"}'), ('Paint', 'walls', '{home}', '{}'), ('Shop for paint', '', '{home,shop}', '{}');

select is(array(select title::text from public.find_goals('sao paulo')), '{"Maratona de São Paulo"}', 'words without accents find');
select is(array(select title::text from public.find_goals('SHOES')), '{"Maratona de São Paulo"}', 'in descriptions too');
select is(array(select title::text from public.find_goals(custom => '{"size": {"eu": 42}}')), '{"Maratona de São Paulo"}', 'fields are found by containment, at any depth');
select is((select count(*) from public.find_goals()), 2::bigint, 'nothing asked for, everything found');
select is(array(select title::text from public.find_goals('house', '{"colour": "teal"}')), '{}', 'all conditions must hold');
select is(array(select title::text from public.find_tasks('paint') order by title), '{Paint,"Shop for paint"}', 'tasks by words');
select is(array(select title::text from public.find_tasks('market')), '{}', 'custom fields are no words');
select is((select count(*) from public.find_tasks('run')), 1::bigint, 'tags are');
select is(array(select title::text from public.find_tasks(tags => '{home,shop}')), '{"Shop for paint"}', 'all tags must be there');
select is(array(select title::text from public.find_tasks('shoes or walls') order by title), '{"Buy shoes",Paint}', 'web search syntax: or');
select is(array(select title::text from public.find_tasks('paint -shop')), '{Paint}', 'and minus');
select is(array(select title::text from public.find_tasks('sho') order by title), '{"Buy shoes","Shop for paint"}', 'the last word is found by its beginning');
select is(array(select title::text from public.find_tasks('blue sho')), '{"Buy shoes"}', 'after words that are whole');
select is(array(select title::text from public.find_tasks('blu shoes')), '{}', 'only the last one is unfinished');
select is(array(select title::text from public.find_tasks('paint -sho') order by title), '{Paint,"Shop for paint"}', 'what is left out is whole words');
select set_eq(
  $$ select id from public.find_tasks('paint', '{home}') $$,
  $$ select id from public.tasks where search @@ websearch_to_tsquery('public.trackit', 'paint') and tags @> '{home}' $$,
  'the table''s own filters give the same rows'
);
select tests.act_as('eve');
select is_empty($$ select id from public.find_tasks('paint') $$, 'eve finds nothing of ada''s');
select is_empty('select id from public.find_goals()', 'and nothing without a question either');
select tests.act_as(null);
select throws_ok($$ select id from public.find_tasks('paint') $$, '42501', null, 'strangers cannot search');

select * from finish();
rollback;
