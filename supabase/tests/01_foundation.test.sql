-- Text rules, refusals, rate limits.
begin;
\ir people.psql
select plan(44);

-- What a line may be. The last column is the constraint that refuses it; null for what is admitted.
create temporary table lines (text text, why text, refused_by text);
insert into lines values
  ('Run a marathon', 'plain words', null),
  ('a < b and 1<2, <3', 'a "<" that opens nothing', null),
  ('naïve São 日本語 עברית', 'any script in NFC', null),
  ('👩‍👩‍👧 family', 'emoji with joiners', null),
  ('', 'nothing at all', null),
  ('<b>', 'a tag', 'plain_line_no_markup'),
  ('x</p', 'an end tag', 'plain_line_no_markup'),
  ('<!-- x', 'a comment', 'plain_line_no_markup'),
  ('<?php', 'a processing instruction', 'plain_line_no_markup'),
  (E'a\u0001b', 'a control character', 'plain_line_no_controls'),
  (E'a\u0085b', 'a C1 control character', 'plain_line_no_controls'),
  (E'a\u202Etxt.exe', 'a direction override', 'plain_line_no_controls'),
  (E'a\u2066b', 'a direction isolate', 'plain_line_no_controls'),
  (E'e\u0301', 'text that is not NFC', 'plain_line_nfc'),
  (E'a\nb', 'two lines', 'plain_line_one_line'),
  (E'a\tb', 'a tab', 'plain_line_one_line'),
  (E'a\u2028b', 'a line separator', 'plain_line_one_line'),
  (' a', 'space before', 'plain_line_one_line'),
  (E'a\u00a0', 'a no-break space after', 'plain_line_one_line'),
  (repeat('x', 1001), 'more than 1,000 characters', 'plain_line_length');

select lives_ok(format('select %L::public.plain_line', text), 'a line may be ' || why)
from lines where refused_by is null;
select throws_ok(
  format('select %L::public.plain_line', text), '23514',
  format('value for domain plain_line violates check constraint "%s"', refused_by),
  'a line may not be ' || why
) from lines where refused_by is not null;
select set_eq(
  'select text from lines where public.is_plain_line(text)', 'select text from lines where refused_by is null',
  'is_plain_line() says the same as the domain'
);
select lives_ok($$ select E'two\n\tlines '::public.plain_text $$, 'text may have lines, tabs and space at its end');
select throws_ok($$ select '<i'::public.plain_text $$, '23514', null, 'text may not open a tag either');

select ok(public.json_is_plain('{"a": [1, true, null, {"b": "x < y"}]}'), 'JSON of plain strings is plain');
select ok(not public.json_is_plain('{"a": ["<script>"]}'), 'a string with markup makes JSON not plain');
select ok(not public.json_is_plain('{"<b>": 1}'), 'so does a key');
select ok(not public.json_is_plain('{"a": "\u202e"}'), 'and a direction override');
select ok(public.json_is_plain('{"1":{"2":{"3":{"4":{"5":{"6":1}}}}}}'), 'six levels are admitted');
select ok(not public.json_is_plain('{"1":{"2":{"3":{"4":{"5":{"6":{"7":1}}}}}}}'), 'seven are not');
select ok(not public.json_is_plain(to_jsonb(repeat('x', 16384))), 'more than 16 KiB are not');
select ok(public.tags_are_plain('{}') and public.tags_are_plain('{home,"São Paulo"}'), 'tags are short lines');
select ok(not public.tags_are_plain('{a,a}'), 'a tag twice is refused');
select ok(not public.tags_are_plain(array[null, 'a']), 'so is a null');
select ok(not public.tags_are_plain('{""}') and not public.tags_are_plain(array[repeat('x', 51)]), 'and a tag of 0 or 51 characters');
select ok(not public.tags_are_plain((select array_agg(n::text) from generate_series(1, 21) n)), 'and 21 tags');

select is(private.clean_line(E' a\u202E<b>\n\tc ', 50), 'a< b> c', 'clean_line() gives the nearest plain line');
select is(private.title_key('ＲＵＮ Ⅳ'), private.title_key('run iv'), 'title_key() ignores case and compatibility forms');
select ok(
  to_tsvector('public.trackit', 'Café em São Paulo') @@ websearch_to_tsquery('public.trackit', 'sao CAFE'),
  'search ignores case and accents on both sides'
);

select throws_ok(
  $$ select private.fail('TK001', 'USAGE_INVALID', 'x is wrong', 'x', '1', 'at least 2') $$,
  'TK001', 'USAGE_INVALID: x is wrong', 'fail() raises its code in front of the message'
);
select is(
  tests.detail_of($$ select private.fail('TK001', 'USAGE_INVALID', 'no', 'x', repeat('v', 300), 'r') $$),
  jsonb_build_object('field', 'x', 'value', repeat('v', 200), 'rule', 'r'),
  'its DETAIL names field, value (cut at 200 characters) and rule'
);

select lives_ok(
  $$ select private.rate_limit('test', 3, '1 minute') from generate_series(1, 3) $$,
  'three calls of three are admitted'
);
select throws_ok(
  $$ select private.rate_limit('test', 3, '1 minute') $$, 'TK004', null, 'the fourth is refused with LIMIT_RATE'
);
update private.rate_limits set window_start = window_start - interval '1 minute' where bucket = 'test';
select lives_ok(
  $$ select private.rate_limit('test', 3, '1 minute') $$, 'when the window has passed it is admitted again'
);

select results_eq(
  $$ select given, private.counted_address(given) from (values
       ('2001:db8:1:2:3::4'), ('2001:db8:1:2:ffff::'), ('203.0.113.7'), ('::ffff:203.0.113.7'), ('unknown'), (null)) v (given) $$,
  $$ values ('2001:db8:1:2:3::4', '2001:db8:1:2::/64'), ('2001:db8:1:2:ffff::', '2001:db8:1:2::/64'),
       ('203.0.113.7', '203.0.113.7'), ('::ffff:203.0.113.7', '::ffff:203.0.113.7'), ('unknown', 'unknown'), (null, null) $$,
  'a caller is counted by the network that IPv6 gives them, whichever address of it they use'
);

select * from finish();
rollback;
