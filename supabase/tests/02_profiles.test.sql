-- Profiles and roles: who sees and changes what; suspension, second factor, erasure.
begin;
\ir people.psql
select plan(31);

select tests.sign_up('ada');
select tests.sign_up('ben');
-- root is the administrator; the bare name is reserved.
select tests.sign_up('root', '{"username": "root-of-all"}');
insert into public.user_roles (user_id, role) values (tests.id('root'), 'admin');

-- One's own profile.
select tests.act_as('ada');
select is((select count(*) from public.profiles), 1::bigint, 'ada sees her own profile alone');
select is((select count(*) from public.user_roles), 1::bigint, 'and her own roles alone');
select results_eq(
  $$ update public.profiles set display_name = 'Ada', preferences = '{"theme": "dark"}' returning version $$,
  'values (2)', 'ada changes her profile, and its version rises'
);
select is_empty(
  $$ update public.profiles set display_name = 'x' where id = tests.id('ben') returning id $$,
  'she cannot change ben''s'
);
select throws_ok($$ update public.profiles set username = 'BEN' $$, 'TK101', null, 'she cannot take ben''s name');
select throws_ok($$ update public.profiles set username = 'root' $$, 'TK102', null, 'nor a reserved one');
select throws_ok($$ update public.profiles set time_zone = 'Mars/One' $$, 'TK105', null, 'nor live on Mars');
select lives_ok($$ update public.profiles set username = 'Ada' $$, 'she can change the case of her own');
select throws_ok($$ update public.profiles set display_name = '' $$, '23514', null, 'an empty name is refused');
select lives_ok(
  $$ update public.profiles set avatar_url = 'https://example.test/a.png' $$, 'an avatar is a web address'
);
select throws_ok(
  $$ update public.profiles set avatar_url = 'javascript:alert(1)' $$, '23514', null, 'so is an avatar that is no web address'
);
select throws_ok(
  $$ update public.profiles set preferences = '[]' $$, '23514', null, 'and preferences that are no object'
);
select throws_ok($$ update public.profiles set status = 'active' $$, '42501', null, 'status is not hers to change');
select throws_ok($$ update public.profiles set plan = 'big' $$, '42501', null, 'nor is the plan');
select throws_ok($$ update public.profiles set version = 9 $$, '42501', null, 'nor the version');
select throws_ok($$ insert into public.profiles (id, username, display_name) values (gen_random_uuid(), 'eve', 'e') $$,
  '42501', null, 'profiles are not made by hand');
select throws_ok($$ delete from public.profiles $$, '42501', null, 'nor deleted');
select throws_ok($$ insert into public.user_roles values (tests.id('ada'), 'admin') $$, '42501', null,
  'nobody makes themselves an administrator');
select ok(not private.has_role('admin') and private.has_role('member'), 'ada is a member and no administrator');

-- Administrators.
select tests.act_as('root');
select is((select count(*) from public.profiles), 3::bigint, 'root, an administrator, sees all profiles');
select is_empty(
  $$ update public.profiles set display_name = 'x' where id = tests.id('ben') returning id $$,
  'and changes none but his own'
);

-- Suspension.
select tests.act_as_owner();
update public.profiles set status = 'suspended' where id = tests.id('ben');
select ok((select banned_until > now() + interval '50 years' from auth.users where id = tests.id('ben')),
  'suspending ben bans him in Auth');
select tests.act_as('ben');
select is((select count(*) from public.profiles), 0::bigint, 'his token reads nothing');
select throws_ok($$ select public.my_sessions() $$, 'TK002', null, 'calls are refused with AUTH_SUSPENDED');
select tests.act_as_owner();
update public.profiles set status = 'active' where id = tests.id('ben');
select tests.act_as('ben');
select is((select count(*) from public.profiles), 1::bigint, 'restored, the same token works again');
select tests.act_as_owner();
update auth.users set banned_until = now() + interval '1 hour' where id = tests.id('ben');
select tests.act_as('ben');
select is((select count(*) from public.profiles), 0::bigint, 'a ban that Auth set counts as well');

-- The second factor.
select tests.act_as_owner();
update auth.users set banned_until = null where id = tests.id('ben');
insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
values (md5('totp')::uuid, tests.id('ben'), 'totp', 'unverified', now(), now());
select tests.act_as('ben');
select is((select count(*) from public.profiles), 1::bigint, 'a factor that is not proven yet changes nothing');
select tests.act_as_owner();
update auth.mfa_factors set status = 'verified' where id = md5('totp')::uuid;
select tests.act_as('ben');
select is((select count(*) from public.profiles), 0::bigint, 'once it is, the password alone reads nothing');
select throws_ok($$ select public.my_sessions() $$, 'TK008', null, 'calls are refused with AUTH_SECOND_FACTOR');
select set_config('request.jwt.claims', (current_setting('request.jwt.claims')::jsonb || '{"aal": "aal2"}')::text, true);
select is((select count(*) from public.profiles), 1::bigint, 'with the factor given, everything is as before');

-- Erasure.
select tests.act_as_owner();
delete from auth.users where id = tests.id('ben');
select ok(not exists (select from public.profiles where id = tests.id('ben')), 'an erased account leaves no profile');

select * from finish();
rollback;
