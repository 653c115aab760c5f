-- Reserve, upload, complete: what enters the bucket was reserved, and what was reserved is counted.
begin;
\ir people.psql
\ir files.psql
select plan(61);

select tests.sign_up('ada');
select tests.sign_up('eve');
insert into public.limits (user_id, kind, max) values (tests.id('ada'), 'bytes', 100), (tests.id('ada'), 'files', 6);

select tests.act_as('ada');
create temporary table told (what text, said jsonb);
grant all on told to public;
insert into told values ('first', public.reserve_file(tests.uuid('f'), 40, sealed := tests.b64('info')));
select is(said #>> '{upload,path}', tests.path('ada', 'f'), 'a reservation names its object: owner, file, number') from told;
select is((said -> 'file') - '{id,owner_id,created_at,updated_at}'::text[], jsonb_build_object(
  'folder_id', null, 'room_id', null, 'attachment', false, 'state', 'reserved', 'encrypted', true, 'name', null,
  'media_type', null, 'sealed', tests.b64('info'), 'size', 40, 'hash', null, 'content_version', null,
  'uploaded_at', null, 'deleted_at', null, 'version', 1
), 'and gives the file, whose bytes are base64url') from told;
select is((said -> 'upload') - '{path,expires_at,created_at}'::text[], jsonb_build_object(
  'id', tests.uuid('f'), 'file_id', tests.uuid('f'), 'number', 1, 'bucket', 'files', 'size', 40, 'state', 'reserved'
), 'and the upload') from told;
select ok((said #>> '{upload,expires_at}')::timestamptz - now() = interval '24 hours', 'it waits for a day') from told;
select is(public.reserve_file(tests.uuid('f'), 40, sealed := tests.b64('info')), said, 'repeated it gives the same') from told;
select is(tests.held('ada', 'bytes'), 40::bigint, 'and is counted once');
select is(tests.held('ada', 'files'), 1::bigint, 'as one file');
select throws_ok($$ select public.reserve_file(tests.uuid('f'), 41) $$, 'TK005', null, 'another size under that id is refused');
select throws_ok($$ select public.reserve_file(tests.uuid('f'), 40, false, null, 'x') $$, 'TK005', null, 'and another kind');
select throws_ok($$ select public.reserve_file(tests.uuid('g'), 61) $$, 'TK205', null, 'more than the quota is refused');
select is(tests.held('ada', 'bytes'), 40::bigint, 'and not counted');
select lives_ok($$ select public.reserve_file(tests.uuid('g'), 60) $$, 'exactly the quota is not');
select is(tests.detail_of($$ select public.reserve_file(tests.uuid('h'), 1) $$) ->> 'rule', 'at most 0', 'the refusal says what is left');
select lives_ok($$ select public.reserve_file(tests.uuid('empty'), 0) $$, 'nothing takes no room');
select ok(public.cancel_upload(tests.uuid('g')), 'a reservation is given up');
select is(tests.held('ada', 'bytes'), 40::bigint, 'and gives its room back at once');
select is(tests.doomed(), array[tests.path('ada', 'g')], 'what may have been stored for it is to go');
select is(public.cancel_upload(tests.uuid('g')), false, 'twice does nothing');
select throws_ok($$ select public.reserve_file(tests.uuid('g'), 60) $$, 'TK005', null, 'its id is not used again');
select is(jsonb_array_length(public.my_uploads()), 2, 'open uploads are listed');
select is(public.my_uploads() #> '{0,upload,id}', to_jsonb(tests.uuid('f')), 'the oldest first, with their ids');

-- What is no reservation.
select throws_ok($$ select public.reserve_file(tests.uuid('x'), -1) $$, 'TK001', null, 'a negative size');
select throws_ok($$ select public.reserve_file(tests.uuid('x'), null) $$, 'TK001', null, 'no size');
select throws_ok($$ select public.reserve_file(null, 1) $$, 'TK001', null, 'no id');
select throws_ok($$ select public.reserve_file(tests.uuid('x'), 5368709121) $$, 'TK706', null, 'more than a file may have');
select throws_ok($$ select public.reserve_file(tests.uuid('x'), 1, folder := tests.uuid('none')) $$, 'TK702', null, 'a folder that is not there');
select throws_ok($$ select public.reserve_file(tests.uuid('x'), 1, sealed := '!') $$, 'TK001', null, 'sealed that is no base64url');
select throws_ok(format('select public.reserve_file(tests.uuid(''x''), 1, false, null, %L)', bad), '23514', null, format('the name %s', bad))
  from unnest(array['a/b', E'a\\b', '.', '..', '', 'a<b>', 'x ', repeat('é', 128)]) bad;
select throws_ok($$ select public.reserve_file(tests.uuid('x'), 1, false) $$, '23514', null, 'a plain file without a name');
select throws_ok($$ select public.reserve_file(tests.uuid('x'), 1, true, null, 'diary.txt') $$, '23514', null, 'an encrypted one with one');
select throws_ok($$ select public.reserve_file(tests.uuid('x'), 1, false, null, 'x', 'text/html; charset=x') $$, '23514', null, 'a type with more to it');
select is(tests.held('ada', 'bytes'), 40::bigint, 'nothing of that is counted');

-- The object.
select throws_ok($$ select public.complete_upload(tests.uuid('f')) $$, 'TK705', null, 'without its bytes an upload is not complete');
select throws_ok($$ select tests.store(tests.path('ada', 'f'), 41) $$, '42501', null, 'an object of another size does not enter, whoever stores it');
select throws_ok($$ select tests.store(tests.path('ada', 'x'), 40) $$, '42501', null, 'nor one without a reservation');
select throws_ok($$ select tests.store(tests.path('ada', 'f') || '/x', 40) $$, '42501', null, 'nor one with another name');
select tests.act_as('eve');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', tests.path('ada', 'f')) $$, '42501', null, 'eve may not upload to it'
);
select throws_ok($$ select public.complete_upload(tests.uuid('f')) $$, 'TK700', null, 'nor complete it');
select is(public.cancel_upload(tests.uuid('f')), false, 'nor cancel it');
select throws_ok($$ select public.reserve_file(tests.uuid('f'), 40) $$, 'TK005', null, 'and is not told whose it is');
select tests.act_as('ada');
select lives_ok(
  $$ insert into storage.objects (bucket_id, name, metadata) values ('files', tests.path('ada', 'f'), '{"size": 40}') $$, 'ada may'
);
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', tests.path('ada', 'f')) $$, '23505', null, 'once'
);
update storage.objects set metadata = '{"size": 1}' where bucket_id = 'files';
select is((select metadata ->> 'size' from storage.objects where bucket_id = 'files'), '40', 'and changes nothing of it afterwards');
select tests.act_as_owner();
select throws_ok($$ update storage.objects set name = 'x' where bucket_id = 'files' $$, '42501', null, 'nobody moves it');
select tests.act_as('ada');
insert into told values ('done', public.complete_upload(tests.uuid('f'), tests.b64(sha256('c')), tests.b64('new info')));
select is((said -> 'file') - '{id,owner_id,created_at,updated_at,uploaded_at}'::text[], jsonb_build_object(
  'folder_id', null, 'room_id', null, 'attachment', false, 'state', 'ready', 'encrypted', true, 'name', null,
  'media_type', null, 'sealed', tests.b64('new info'), 'size', 40, 'hash', tests.b64(sha256('c')), 'content_version', 1,
  'deleted_at', null, 'version', 2
), 'complete, it is a file') from told where what = 'done';
select is(public.complete_upload(tests.uuid('f'), tests.b64(sha256('c'))), said, 'repeated it gives the same') from told where what = 'done';
select throws_ok($$ select public.complete_upload(tests.uuid('f'), tests.b64(sha256('d'))) $$, 'TK005', null, 'but not with another hash');
select is(public.reserve_file(tests.uuid('f'), 40) #>> '{file,state}', 'ready', 'a late repetition of the reservation finds it');
select is(public.cancel_upload(tests.uuid('f')), false, 'what is complete is not cancelled');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('files', tests.path('ada', 'f')) $$, '42501', null, 'and not stored again'
);
select is((select array_agg(kind) from public.activities where entity_id = tests.uuid('f')), '{file.created}', 'the feed has a line');
select is((select data from public.activities where entity_id = tests.uuid('f')), '{}', 'which says no name');

-- How many.
select public.reserve_file(tests.uuid('n' || n), 1) from generate_series(1, 4) n;
select throws_ok($$ select public.reserve_file(tests.uuid('n5'), 1) $$, 'TK203', null, 'one file too many');

-- Overtaken: whole at last when ten newer ones are.
select tests.act_as_owner();
select tests.sign_up('zoe');
select tests.upload('zoe', 'z');
select tests.store(public.reserve_version(tests.uuid('z'), tests.uuid('slow'), 5) #>> '{upload,path}', 5);
select tests.upload_version('zoe', 'z', 'q' || n) from generate_series(3, 11) n;
select public.complete_upload(tests.uuid('slow'));
select is(
  (select array_agg(number order by number) from public.file_versions where file_id = tests.uuid('z')),
  array[2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 'a version that newer ones have overtaken counts among those that are kept'
);

select * from finish();
rollback;
