-- Links as their owners have them: made, changed, revoked; and nobody else's.
begin;
\ir people.psql
\ir files.psql
select plan(31);

select tests.sign_up(n) from unnest(array['ada', 'eve']) n;
select tests.upload('ada', 'f');
select tests.upload('ada', 'g');
select public.reserve_file(tests.uuid('open'), 5);

select is(tests.link('l', 'f') - '{id,file_id,owner_id,created_at,updated_at}'::text[], jsonb_build_object(
  'content_version', 1, 'password', false, 'expires_at', null, 'max_downloads', null, 'downloads', 0, 'sealed', null,
  'last_opened_at', null, 'revoked_at', null, 'version', 1
), 'ada makes a link');
select lives_ok($$ select tests.link('l', 'f') $$, 'twice is once');
select throws_ok($$ select tests.link('l', 'f', true) $$, 'TK005', null, 'but not with a password then');
select throws_ok($$ select tests.link('l', 'g') $$, 'TK005', null, 'nor to another file');
select throws_ok($$ select tests.link('l', 'f', body := 'other') $$, 'TK005', null, 'nor with another body');
select throws_ok($$ select tests.link('x', 'nothing') $$, 'TK700', null, 'nor to none');
select throws_ok($$ select tests.link('x', 'open') $$, 'TK705', null, 'nor to what is under way');
select throws_ok($$ select tests.link('x', 'f', content_version := 2) $$, 'TK700', null, 'nor to a version that there is not');
select throws_ok($$ select tests.link('x', 'f', expires_at := now() - interval '1 s') $$, 'TK001', null, 'nor over already');
select throws_ok($$ select tests.link('x', 'f', max_downloads := 0) $$, '23514', null, 'nor for nobody');
select throws_ok($$ select public.create_share(tests.uuid('x'), tests.uuid('f'), 1, 'AA', tests.token_hash('d'), 'AA') $$, '23514', null, 'a hash has its length');
select throws_ok($$ select public.create_share(tests.uuid('x'), tests.uuid('f'), 1, tests.token_hash('a'), '!', 'AA') $$, 'TK001', null, 'and its letters');
select throws_ok($$ select public.create_share(tests.uuid('x'), tests.uuid('f'), 1, tests.token_hash('a'), tests.token_hash('d'), '') $$, '23514', null, 'a body is there');
select throws_ok(format('select public.create_share(tests.uuid(''x''), tests.uuid(''f''), 1, tests.token_hash(''a''), tests.token_hash(''d''), %L)', repeat('AAAA', 6827)), '23514', null, 'and not too long');
select is((select count(*) from public.shares), 1::bigint, 'nothing of that is left');

-- Changing.
select is(public.change_share(tests.uuid('l'), '{"max_downloads": 3}') -> 'max_downloads', '3', 'a link is changed');
select is(public.change_share(tests.uuid('l'), '{"expires_at": "2100-01-01T00:00:00Z"}') ->> 'expires_at', '2100-01-01T00:00:00+00:00', 'one thing after the other');
select is(public.change_share(tests.uuid('l'), jsonb_build_object('sealed', tests.b64('fragment'), 'expires_at', null))
  - '{id,file_id,owner_id,created_at,updated_at,version,revoked_at,last_opened_at,password,content_version,downloads}'::text[],
  jsonb_build_object('expires_at', null, 'max_downloads', 3, 'sealed', tests.b64('fragment')), 'and back');
select throws_ok($$ select public.change_share(tests.uuid('l'), '{"max_downloads": 5}', 1) $$, 'TK701', null, 'who has read an older version is told');
select throws_ok($$ select public.change_share(tests.uuid('l'), '{"downloads": 0}') $$, 'TK007', null, 'the count is not for changing');
select throws_ok($$ select public.change_share(tests.uuid('l'), '{"expires_at": "2001-01-01T00:00:00Z"}') $$, 'TK001', null, 'to end it there is revoking');
select throws_ok($$ select public.change_share(tests.uuid('l'), '{"expires_at": "soon"}') $$, '22007', null, 'a time is a time');

-- Eve.
select tests.act_as('eve');
select throws_ok($$ select tests.link('x', 'f') $$, 'TK700', null, 'eve makes no link to ada''s file');
select throws_ok($$ select tests.link('l', 'f') $$, 'TK700', null, 'also not by its id');
select throws_ok($$ select public.change_share(tests.uuid('l'), '{}') $$, 'TK700', null, 'changes none');
select throws_ok($$ select public.revoke_share(tests.uuid('l')) $$, 'TK700', null, 'revokes none');
select tests.upload('eve', 'e');
select throws_ok($$ select tests.link('l', 'e') $$, 'TK005', null, 'and is not told whose an id is');

-- Revoking, and how many.
select tests.act_as('ada');
select is(public.revoke_share(tests.uuid('l')) ->> 'revoked_at' is not null, true, 'a link is revoked');
select is(public.revoke_share(tests.uuid('l')) -> 'version', '5', 'once');
select tests.link('n' || n, 'g') from generate_series(1, 100) n;
select throws_ok($$ select tests.link('x', 'g') $$, 'TK706', null, 'a hundred live links to a file are enough');
select public.revoke_share(tests.uuid('n2'));
select lives_ok($$ select tests.link('x', 'g') $$, 'a revoked one makes room');

select * from finish();
rollback;
