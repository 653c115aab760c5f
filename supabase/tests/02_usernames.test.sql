-- Usernames: whether one can be had, and finding somebody by one.
begin;
\ir people.psql
select plan(11);

select tests.sign_up('ada');
select tests.sign_up('ben');

select tests.act_as('ada');
select is(
  public.lookup_profile('BEN'),
  jsonb_build_object('id', tests.id('ben'), 'username', 'ben', 'display_name', 'ben', 'avatar_url', null),
  'ada finds ben by his name, with four columns'
);
select is(public.lookup_profile('nobody-there'), null, 'nobody is found by a name that nobody has');
select ok(
  public.username_available('zoe') and not public.username_available('ben') and not public.username_available('root'),
  'username_available() is true for free names alone'
);
select lives_ok($$ select public.check_username('zoe') $$, 'check_username() is silent for a free name');
select throws_ok($$ select public.check_username('BEN') $$, 'TK101', null, 'says that a name is taken');
select throws_ok($$ select public.check_username('root') $$, 'TK102', null, 'or reserved');
select throws_ok($$ select public.check_username('x') $$, 'TK103', null, 'or malformed');
select throws_ok(
  $$ select public.lookup_profile('ben') from generate_series(1, 61) $$, 'TK004', null, 'lookups are rate-limited'
);
select tests.act_as(null);
select ok(public.username_available('zoe'), 'a stranger can ask whether a name is free');
select throws_ok($$ select public.lookup_profile('ben') $$, '42501', null, 'and not look people up');
select throws_ok($$ select * from public.profiles $$, '42501', null, 'nor read profiles');

select * from finish();
rollback;
