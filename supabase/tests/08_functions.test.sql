-- Edge functions ask before they work.
begin;
\ir people.psql
select plan(15);

select tests.sign_up('ada');
select tests.sign_up('ben');
create function tests.claims(name text) returns jsonb
  language sql as $$
    select jsonb_build_object('role', 'authenticated', 'sub', tests.id(name), 'session_id', tests.session_of(name))
  $$;

set local role service_role;
select is(public.function_admit('share', 'somebody', 2, 60) ->> 'admitted', 'true', 'the first call of a window is admitted');
select is(public.function_admit('share', 'somebody', 2, 60) ->> 'admitted', 'true', 'the last one too');
select is(public.function_admit('share', 'somebody', 2, 60) ->> 'admitted', 'false', 'the next one is not');
select is(public.function_admit('share', 'somebody', 2, 60) ->> 'retry_after', '60', 'and is told how long to wait');
select is(public.function_admit('share', 'somebody else', 2, 60) ->> 'admitted', 'true', 'another caller has a window of their own');
select is(public.function_admit('sanitize', 'somebody', 2, 60) ->> 'admitted', 'true', 'and so has another function');
select public.function_admit('share', '2001:db8::' || n, 2, 60) from generate_series(1, 2) n;
select is(
  public.function_admit('share', '2001:db8::3', 2, 60) ->> 'admitted', 'false', 'nor is a third address of one IPv6 network'
);

reset role;
select is(
  (select hits from private.rate_limits where bucket = 'function:share' and caller = 'somebody'), 3,
  'refused calls are not counted on'
);
update private.rate_limits set window_start = now() - interval '61 seconds' where caller = 'somebody';
set local role service_role;
select is(public.function_admit('share', 'somebody', 2, 60) ->> 'admitted', 'true', 'a window ends');

select is(
  public.function_admit('share', tests.id('ada')::text, 9, 60, tests.claims('ada')) ->> 'admitted', 'true',
  'ada, signed in, is admitted'
);
reset role;
select tests.act_as_owner();
update public.profiles set status = 'suspended' where id = tests.id('ada');
delete from auth.sessions where id = tests.session_of('ben');
set local role service_role;
select throws_ok(
  $$ select public.function_admit('share', 'ada', 9, 60, tests.claims('ada')) $$, 'TK002', null,
  'ada, suspended, is refused although her token is valid'
);
select throws_ok(
  $$ select public.function_admit('share', 'ben', 9, 60, tests.claims('ben')) $$, 'TK003', null,
  'ben, signed out, is refused although his token is valid'
);

select tests.act_as('eve');
select throws_ok(
  $$ select public.function_admit('share', 'ada', 1, 60) $$, '42501', null, 'eve cannot use up ada''s calls'
);
select tests.act_as(null);
select throws_ok($$ select public.function_admit('share', 'ada', 1, 60) $$, '42501', null, 'nor can a stranger');
select throws_ok($$ select private.function_admit('share', 'ada', 1, 60, null) $$, '42501', null, 'nor past the wrapper');

select * from finish();
rollback;
