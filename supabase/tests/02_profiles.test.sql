-- Accounts, names, roles, suspension, sessions.
begin;
\ir people.psql
select plan(70);

select tests.sign_up('ada', '{"display_name": "Ada L", "locale": "pt-BR", "time_zone": "Europe/Lisbon", "role": "admin"}');
select tests.sign_up('ben');
-- root is the administrator; the bare name is reserved.
select tests.sign_up('root', '{"username": "root-of-all"}');
insert into public.user_roles (user_id, role) values (tests.id('root'), 'admin');

-- Sign-up.
select results_eq(
  $$ select username, display_name::text, locale, time_zone, status::text, plan, version
     from public.profiles where id = tests.id('ada') $$,
  $$ values ('ada', 'Ada L', 'pt-BR', 'Europe/Lisbon', 'active', 'free', 1) $$,
  'an account gets its profile from what was asked for'
);
select is(
  array(select role::text from public.user_roles where user_id = tests.id('ada')), '{member}'::text[],
  'role: "admin" in sign-up data makes nobody an administrator'
);
select throws_ok(
  $$ insert into auth.users (id, email_confirmed_at, raw_user_meta_data) values (gen_random_uuid(), now(), '{"username": "ADA"}') $$,
  'TK101', 'CONFLICT_USERNAME_TAKEN: username ''ADA'' is taken', 'ADA is refused while ada is there'
);
select throws_ok(
  $$ insert into auth.users (id, email_confirmed_at, raw_user_meta_data) values (gen_random_uuid(), now(), '{"username": "Ad-min"}') $$,
  'TK102', null, 'reserved words are refused, however they are spelled'
);
select throws_ok(
  $$ insert into auth.users (id, email_confirmed_at, raw_user_meta_data) values (gen_random_uuid(), now(), '{"username": "a"}') $$,
  'TK103', null, 'a username of one letter is refused'
);
select throws_ok(
  $$ insert into auth.users (id, email_confirmed_at, raw_user_meta_data) values (gen_random_uuid(), now(), '{"username": "аdа"}') $$,
  'TK103', null, 'letters of other scripts that look the same are refused'
);
select lives_ok(
  $$ insert into auth.users (id, raw_user_meta_data) values (md5('x')::uuid, '{"display_name": "<b>X\u202e", "time_zone": "Mars/One", "locale": "!"}') $$,
  'without a username one is made, and other bad wishes do not stop a sign-up'
);
select results_eq(
  $$ select username ~ '^user-[0-9a-f]{12}$', display_name::text, locale, time_zone
     from public.profiles where id = md5('x')::uuid $$,
  $$ values (true, '< b>X', 'en', 'UTC') $$,
  'the wishes become what the rules admit'
);
select lives_ok(
  $$ insert into auth.users (id) values (md5('y')::uuid) $$, 'an account without any metadata gets a profile too'
);

-- A name is given with the confirmation.
select lives_ok(
  $$ insert into auth.users (id, email, raw_user_meta_data)
     values (md5('z')::uuid, 'z@example.test', '{"username": "Zed"}'),
            (md5('z2')::uuid, 'z2@example.test', '{"username": "ZED", "display_name": "Z"}'),
            (md5('z3')::uuid, 'z3@example.test', '{"username": "ada"}') $$,
  'unconfirmed accounts may all ask for one name'
);
select is(
  (select count(*) from public.profiles where id in (md5('z')::uuid, md5('z2')::uuid, md5('z3')::uuid)
     and username ~ '^user-[0-9a-f]{12}$'),
  3::bigint, 'and hold generated ones'
);
select ok(private.username_refusal('zed') is null, 'so the name is still free');
update auth.users set email_confirmed_at = now() where id in (md5('z2')::uuid, md5('z3')::uuid);
update auth.users set email_confirmed_at = now() where id = md5('z')::uuid;
select results_eq(
  $$ select username, display_name::text from public.profiles where id = md5('z2')::uuid $$,
  $$ values ('ZED', 'Z') $$, 'the first to confirm gets it'
);
select ok(
  (select bool_and(username ~ '^user-' and display_name = username) from public.profiles
   where id in (md5('z')::uuid, md5('z3')::uuid)),
  'whoever confirms later, or asked for a taken one, keeps the generated name'
);

-- The hook.
select is(private.before_user_created('{"user": {}}'), '{}', 'the hook admits a sign-up without a username');
select is(
  private.before_user_created('{"user": {"user_metadata": {"username": "Ada"}}}'), '{}',
  'and one with a taken name: a refusal would tell that the address is unknown'
);
select ok(
  has_function_privilege('supabase_auth_admin', 'private.before_user_created(jsonb)', 'execute')
    and has_schema_privilege('supabase_auth_admin', 'private', 'usage'),
  'Auth may call the hook'
);
update private.settings set value = to_jsonb((select count(*) from public.profiles)) where name = 'max_users';
select matches(
  private.before_user_created('{"user": {}}') #>> '{error,message}', '^LIMIT_SIGNUPS: ',
  'a full house is told by the hook'
);
select throws_ok(
  $$ insert into auth.users (id) values (gen_random_uuid()) $$, 'TK104', null, 'and kept by the trigger'
);
update private.settings set value = 'null' where name = 'max_users';
update private.settings set value = '1' where name = 'sign_ups_per_hour';
select throws_ok(
  $$ insert into auth.users (id) values (gen_random_uuid()) $$, 'TK104', null, 'so is the cap on sign-ups per hour'
);
update private.settings set value = 'null' where name = 'sign_ups_per_hour';
select lives_ok($$ insert into auth.users (id) values (gen_random_uuid()) $$, 'null lifts a cap');

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

-- Finding others.
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

-- Administrators.
select tests.act_as('root');
select cmp_ok((select count(*) from public.profiles), '>=', 5::bigint, 'root, an administrator, sees all profiles');
select is_empty(
  $$ update public.profiles set display_name = 'x' where id = tests.id('ben') returning id $$,
  'and changes none but his own'
);

-- Sessions.
select tests.act_as_owner();
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

-- Suspension.
select tests.act_as_owner();
select ok(exists (select from auth.sessions where id = md5('b')::uuid), 'ben''s session is still there');
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
