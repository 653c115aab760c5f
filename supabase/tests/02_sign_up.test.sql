-- Sign-up: profile, wishes, caps, the hook, the name that comes with the confirmation.
begin;
\ir people.psql
select plan(21);

select tests.sign_up('ada', '{"display_name": "Ada L", "locale": "pt-BR", "time_zone": "Europe/Lisbon", "role": "admin"}');
select tests.sign_up('ben');

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

select * from finish();
rollback;
