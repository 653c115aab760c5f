-- Sessions: seeing one's own, ending one.
begin;
\ir people.psql
select plan(7);

select tests.sign_up('ada');
select tests.sign_up('ben');

insert into auth.sessions (id, user_id, created_at, user_agent)
values (md5('phone')::uuid, tests.id('ada'), now() - interval '1 day', 'phone'), (md5('b')::uuid, tests.id('ben'), now(), null);
select tests.act_as('ada');
select results_eq(
  $$ select id, user_agent, current from public.my_sessions() $$,
  $$ values (tests.session_of('ada'), null, true), (md5('phone')::uuid, 'phone', false) $$,
  'ada sees her sessions, the asking one marked'
);
select ok(not public.revoke_session(md5('b')::uuid), 'she cannot end one of ben''s');
select ok(public.revoke_session(md5('phone')::uuid), 'she ends the one on her phone');
select ok(public.revoke_session(tests.session_of('ada')), 'and the present one');
select is((select count(*) from public.profiles), 0::bigint, 'then her token reads nothing');
select throws_ok($$ select public.my_sessions() $$, 'TK003', null, 'and calls are refused with AUTH_REQUIRED');
select tests.act_as_owner();
select ok(exists (select from auth.sessions where id = md5('b')::uuid), 'ben''s session is still there');

select * from finish();
rollback;
