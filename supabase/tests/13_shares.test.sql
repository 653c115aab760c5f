-- What is shared, as its owner reads it: links and what happened to them, page by page; and its end.
begin;
\ir people.psql
\ir files.psql
select plan(19);

create function tests.events(name text) returns text[]
  language sql security definer as $$
    select array_agg(e.kind order by e.created_at, e.id) from public.share_events e where e.owner_id = tests.id(name)
  $$;
select tests.sign_up(n) from unnest(array['ada', 'ben', 'eve']) n;
select tests.upload('ada', 'f');
select tests.upload('ada', 'g');
select tests.link('l', 'f');
select public.change_share(tests.uuid('l'), '{"max_downloads": 3}');

-- Eve.
select tests.act_as('eve');
select is(public.shares_page(), '[]', 'eve sees no link of ada''s');
select is(public.shares_page(tests.uuid('f')), '[]', 'nor asking for the file');
select is(public.share_events_page(share := tests.uuid('l')), '[]', 'and reads nothing of what happened');
select is(public.share_events_page(file := tests.uuid('f')), '[]', 'to the file neither');

-- Lists and events.
select tests.act_as('ada');
select tests.link('m', 'g');
select is(jsonb_array_length(public.shares_page()), 2, 'ada sees all of hers');
select is(jsonb_path_query_array(public.shares_page(tests.uuid('g')), '$[*].id'), jsonb_build_array(tests.uuid('m')), 'or those of one file');
select is(jsonb_array_length(public.shares_page(null, now(), 'ffffffff-ffff-ffff-ffff-ffffffffffff')), 2, 'the next page is that before a row');
select is(jsonb_array_length(public.shares_page(null, now(), '00000000-0000-0000-0000-000000000000')), 0, 'and ends');
select public.revoke_share(tests.uuid('l'));
select public.revoke_share(tests.uuid('l'));
select public.share_file(tests.uuid('f'), tests.id('ben'));
select public.unshare_file(tests.uuid('f'), tests.id('ben'));
select is(tests.events('ada'), '{created,changed,created,revoked,shared,unshared}', 'everything is noted');
select is(public.share_events_page("limit" := 1) #>> '{0,kind}', 'unshared', 'the latest first');
select is(jsonb_path_query_array(public.share_events_page(share := tests.uuid('m')), '$[*].kind'), '["created"]', 'of one link');
select is(jsonb_array_length(public.share_events_page(file := tests.uuid('f'))), 5, 'of one file');
select is(public.share_events_page("limit" := 1) #>> '{0,actor_id}', tests.id('ada')::text, 'with who did it');
select is(jsonb_array_length((
  select public.share_events_page(before := (e ->> 'created_at')::timestamptz, before_id := (e ->> 'id')::uuid)
  from jsonb_path_query(public.share_events_page("limit" := 3), '$[2]') e
)), 3, 'page by page');
select throws_ok($$ update public.share_events set kind = 'opened' $$, '42501', null, 'nobody rewrites it');
select throws_ok($$ delete from public.share_events $$, '42501', null, 'or takes it away');

-- The end.
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
