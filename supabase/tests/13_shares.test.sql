-- Links as their owners have them: made, changed, revoked, listed; and what is noted of it.
begin;
\ir people.psql
\ir files.psql
select plan(50);

create function tests.events(name text) returns text[]
  language sql security definer as $$
    select array_agg(e.kind order by e.created_at, e.id) from public.share_events e where e.owner_id = tests.id(name)
  $$;
select tests.sign_up(n) from unnest(array['ada', 'ben', 'eve']) n;
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
select is(public.shares_page(), '[]', 'eve sees no link of ada''s');
select is(public.shares_page(tests.uuid('f')), '[]', 'nor asking for the file');
select throws_ok($$ select tests.link('x', 'f') $$, 'TK700', null, 'makes none');
select throws_ok($$ select tests.link('l', 'f') $$, 'TK700', null, 'also not by its id');
select throws_ok($$ select public.change_share(tests.uuid('l'), '{}') $$, 'TK700', null, 'changes none');
select throws_ok($$ select public.revoke_share(tests.uuid('l')) $$, 'TK700', null, 'revokes none');
select is(public.share_events_page(share := tests.uuid('l')), '[]', 'and reads nothing of what happened');
select is(public.share_events_page(file := tests.uuid('f')), '[]', 'to the file neither');
select tests.upload('eve', 'e');
select throws_ok($$ select tests.link('l', 'e') $$, 'TK005', null, 'she is not told whose an id is');

-- Lists and events.
select tests.act_as('ada');
select tests.link('m', 'g');
select is(jsonb_array_length(public.shares_page()), 2, 'ada sees all of hers');
select is(jsonb_path_query_array(public.shares_page(tests.uuid('g')), '$[*].id'), jsonb_build_array(tests.uuid('m')), 'or those of one file');
select is(jsonb_array_length(public.shares_page(null, now(), 'ffffffff-ffff-ffff-ffff-ffffffffffff')), 2, 'the next page is that before a row');
select is(jsonb_array_length(public.shares_page(null, now(), '00000000-0000-0000-0000-000000000000')), 0, 'and ends');
select is(public.revoke_share(tests.uuid('l')) ->> 'revoked_at' is not null, true, 'a link is revoked');
select is(public.revoke_share(tests.uuid('l')) -> 'version', '5', 'once');
select public.share_file(tests.uuid('f'), tests.id('ben'));
select public.unshare_file(tests.uuid('f'), tests.id('ben'));
select is(tests.events('ada'), '{created,changed,changed,changed,created,revoked,shared,unshared}', 'everything is noted');
select is(public.share_events_page("limit" := 1) #>> '{0,kind}', 'unshared', 'the latest first');
select is(jsonb_path_query_array(public.share_events_page(share := tests.uuid('m')), '$[*].kind'), '["created"]', 'of one link');
select is(jsonb_array_length(public.share_events_page(file := tests.uuid('f'))), 7, 'of one file');
select is(public.share_events_page("limit" := 1) #>> '{0,actor_id}', tests.id('ada')::text, 'with who did it');
select is(jsonb_array_length((
  select public.share_events_page(before := (e ->> 'created_at')::timestamptz, before_id := (e ->> 'id')::uuid)
  from jsonb_path_query(public.share_events_page("limit" := 3), '$[2]') e
)), 5, 'page by page');
select throws_ok($$ update public.share_events set kind = 'opened' $$, '42501', null, 'nobody rewrites it');
select throws_ok($$ delete from public.share_events $$, '42501', null, 'or takes it away');

-- How many, and the end.
select tests.link('n' || n, 'g') from generate_series(2, 100) n;
select throws_ok($$ select tests.link('x', 'g') $$, 'TK706', null, 'a hundred live links to a file are enough');
select public.revoke_share(tests.uuid('n2'));
select lives_ok($$ select tests.link('x', 'g') $$, 'a revoked one makes room');
select public.change_file(tests.uuid('g'), '{"trashed": true}');
select public.purge_files(array[tests.uuid('g')]);
select is(jsonb_array_length(public.shares_page()), 1, 'links go with their file');
select is(jsonb_array_length(public.share_events_page(share := tests.uuid('m'))), 1, 'what happened is still told');
select tests.act_as_owner();
delete from auth.users where id = tests.id('ada');
select is((select count(*) from public.share_events) + (select count(*) from public.shares) + (select count(*) from public.files where owner_id = tests.id('ada')),
  0::bigint, 'with the account all of it goes');

select * from finish();
rollback;
