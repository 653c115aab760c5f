-- What an owner does with files: names, the trash, versions, lists; and what is told of it.
begin;
\ir people.psql
\ir files.psql
select plan(69);

select tests.sign_up('ada');
select tests.sign_up('eve');
select tests.upload('ada', 'f', 5);
select tests.upload('ada', 'notes', 7, false);
select public.reserve_file(tests.uuid('open'), 5);

-- Names.
select is(public.change_file(tests.uuid('notes'), '{"name": "Diary.txt", "media_type": "text/plain"}') ->> 'name', 'Diary.txt', 'a plain file is renamed');
select is((select media_type from public.files where id = tests.uuid('notes')), 'text/plain', 'and has a type');
select throws_ok($$ select public.change_file(tests.uuid('notes'), '{"name": null}') $$, '23514', null, 'but not nameless');
select throws_ok($$ select public.change_file(tests.uuid('notes'), '{"name": "<b>"}') $$, '23514', null, 'nor called as markup');
select throws_ok(format('select public.change_file(tests.uuid(''notes''), %L)', jsonb_build_object('sealed', tests.b64('x'))), '23514', null, 'nor sealed');
select throws_ok($$ select public.change_file(tests.uuid('f'), '{"name": "Diary.txt"}') $$, '23514', null, 'an encrypted file has no name here');
select is(public.change_file(tests.uuid('f'), jsonb_build_object('sealed', tests.b64('info')), 2) ->> 'sealed', tests.b64('info'), 'but what is sealed');
select throws_ok(format('select public.change_file(tests.uuid(''f''), %L, 2)', jsonb_build_object('sealed', tests.b64('other'))), 'TK701', null, 'what another device has sealed from the same row is refused');
select throws_ok(format('select public.change_file(tests.uuid(''f''), %L)', jsonb_build_object('sealed', tests.b64('other'))), 'TK001', null, 'and what does not say from which');
select is(public.file_versions_of(tests.uuid('f')) #>> '{0,sealed}', tests.b64('info'), 'which its present version has as well');
select throws_ok(format('select public.change_file(tests.uuid(''f''), %L, 3)', jsonb_build_object('sealed', tests.b64(sha512('x')) || '!')), 'TK001', null, 'sealed is base64url');
select throws_ok($$ select public.change_file(tests.uuid('f'), '{"owner_id": null}') $$, 'TK007', null, 'there is nothing else to change');
select throws_ok($$ select public.change_file(tests.uuid('f'), '{}', 1) $$, 'TK701', null, 'who has read an older version is told');
select is(tests.detail_of($$ select public.change_file(tests.uuid('f'), '{}', 1) $$) ->> 'rule', '3', 'and which it is now');
select lives_ok($$ select public.change_file(tests.uuid('f'), '{}', 3) $$, 'who has read that one goes on');

-- The trash.
select throws_ok($$ select public.change_file(tests.uuid('open'), '{"trashed": true}') $$, 'TK705', null, 'what is under way is cancelled, not deleted');
select isnt(public.change_file(tests.uuid('f'), '{"trashed": true}') ->> 'deleted_at', null, 'a file is deleted');
select is(tests.held('ada', 'files') || ' ' || tests.held('ada', 'bytes'), '2 17', 'and counted in bytes alone');
select is(jsonb_path_query_array(public.files_page('all'), '$[*].id'), jsonb_build_array(tests.uuid('notes')), 'it is in no list');
select is(jsonb_path_query_array(public.files_page('trash'), '$[*].id'), jsonb_build_array(tests.uuid('f')), 'but that of the trash');
select is(public.purge_files(array[tests.uuid('notes')]), 0, 'only the trash is purged');
select is(public.change_file(tests.uuid('f'), '{"trashed": false}') ->> 'deleted_at', null, 'restored it is as before');
select public.change_file(tests.uuid('f'), '{"trashed": true}');
select tests.act_as('eve');
select is(public.purge_files(array[tests.uuid('f')]), 0, 'eve purges nothing of ada''s');
select throws_ok($$ select public.change_file(tests.uuid('f'), '{"trashed": false}') $$, 'TK700', null, 'nor restores it');
select throws_ok($$ select public.restore_version(tests.uuid('f'), 1) $$, 'TK700', null, 'nor anything else of it');
select throws_ok($$ select public.reseal_versions(tests.uuid('f'), '[]', 1) $$, 'TK700', null, 'or of its versions');
select throws_ok($$ select public.reserve_version(tests.uuid('f'), tests.uuid('e'), 5) $$, 'TK700', null, 'or a new one');
select throws_ok($$ select public.attach_file(tests.uuid('f'), tests.uuid('x')) $$, 'TK700', null, 'or to attach it');
select throws_ok($$ select public.detach_file(tests.uuid('f')) $$, 'TK700', null, 'or not');
select is(public.files_page('export'), '[]', 'and her export is empty');
select tests.act_as('ada');
select is(public.purge_files(array[tests.uuid('f')]), 1, 'purged it is gone');
select is(tests.held('ada', 'bytes'), 12::bigint, 'and its bytes are not counted any more');
select is(tests.doomed(), array[tests.path('ada', 'f')], 'which go by the queue');
select tests.act_as_owner();
select is((select array_agg(message ->> 'kind') from pgmq.q_files), '{remove_object}', 'as a job');
select is(public.worker_removals(array(select id from private.removals)) #>> '{0,path}', tests.path('ada', 'f'), 'of which the worker learns the path');
select is(public.worker_removed(array(select id from private.removals)), 1, 'and tells that it is done');
select is(public.worker_removals(array(select id from private.removals)), '[]', 'once');
select is((select count(*) from public.activities where entity_id = tests.uuid('f')), 0::bigint, 'the feed forgets it');

-- Versions.
select tests.act_as('ada');
select throws_ok($$ select public.reserve_version(tests.uuid('open'), tests.uuid('o2'), 5) $$, 'TK705', null, 'a file has no next version before its first');
select tests.upload('ada', 'v', 10);
select is((public.reserve_version(tests.uuid('v'), tests.uuid('v2'), 20) #>> '{upload,number}')::integer, 2, 'the next has the next number');
select is((public.reserve_version(tests.uuid('v'), tests.uuid('v2'), 20) #>> '{upload,number}')::integer, 2, 'repeated the same');
select throws_ok($$ select public.reserve_version(tests.uuid('v'), tests.uuid('v2'), 21) $$, 'TK005', null, 'but not with another size');
select is((public.reserve_version(tests.uuid('v'), tests.uuid('v3'), 30) #>> '{upload,number}')::integer, 3, 'two under way have two numbers');
select tests.store(tests.path('ada', 'v', 3), 30), tests.store(tests.path('ada', 'v', 2), 20);
select is((public.complete_upload(tests.uuid('v3')) #>> '{file,content_version}')::integer, 3, 'the later one is present when it is complete');
select is((public.complete_upload(tests.uuid('v2')) #>> '{file,content_version}')::integer, 3, 'and the earlier one, complete after it, is not');
select is((public.complete_upload(tests.uuid('v2')) #>> '{file,size}')::integer, 30, 'nor is its size');
select is(public.restore_version(tests.uuid('v'), 2) -> 'size', '20', 'until it is restored');
select throws_ok($$ select public.restore_version(tests.uuid('v'), 9) $$, 'TK700', null, 'one that is there');
select is(public.reseal_versions(tests.uuid('v'), jsonb_build_array(
  jsonb_build_object('number', 1, 'sealed', tests.b64('one')), jsonb_build_object('number', 2, 'sealed', tests.b64('two')),
  jsonb_build_object('number', 9, 'sealed', tests.b64('none'))
), f.version), 2, 'versions are sealed anew') from public.files f where f.id = tests.uuid('v');
select is((select convert_from(sealed, 'UTF8') from public.files where id = tests.uuid('v')), 'two', 'the present one for the file, too');
select throws_ok(format('select public.reseal_versions(tests.uuid(''v''), ''[{"number": "1"}]'', %s)', f.version), 'TK001', null, 'rubbish is refused')
  from public.files f where f.id = tests.uuid('v');
select throws_ok($$ select public.reseal_versions(tests.uuid('v'), '[]', 1) $$, 'TK701', null, 'and what was made from an older row');
select public.reserve_version(tests.uuid('v'), tests.uuid('v4'), 40);
select ok(public.cancel_upload(tests.uuid('v4')), 'one under way is given up');
select is((public.reserve_version(tests.uuid('v'), tests.uuid('v5'), 40) #>> '{upload,number}')::integer, 5, 'and its number is not given again');
select public.cancel_upload(tests.uuid('v5'));
select tests.upload_version('ada', 'v', 'w' || n, 1) from generate_series(1, 10) n;
select is(jsonb_path_query_array(public.file_versions_of(tests.uuid('v')), '$[*].number'), '[15, 14, 13, 12, 11, 10, 9, 8, 7, 6]', 'ten are kept');
select public.restore_version(tests.uuid('v'), 6);
select tests.upload_version('ada', 'v', 'x', 1);
select is(jsonb_array_length(public.file_versions_of(tests.uuid('v'))), 10, 'and never more');

-- Lists.
select is(jsonb_array_length(public.files_page('all', null, null, null, 1)), 1, 'a page is as long as it is wanted');
select throws_ok($$ select public.files_page('everything') $$, 'TK001', null, 'a list that there is not');
select public.reserve_file(tests.uuid('photo'), 5, attachment := true);
select tests.store(tests.path('ada', 'photo'), 5);
select public.complete_upload(tests.uuid('photo'));
select is(jsonb_path_query_array(public.files_page('attachments'), '$[*].id'), jsonb_build_array(tests.uuid('photo')), 'an attachment has a list of its own');
select is(jsonb_array_length(public.files_page('all')) || ' ' || jsonb_array_length(public.files_page('export')), '2 4', 'the export has all, and what is under way');
select is((select count(*) from public.activities where entity_id = tests.uuid('photo')), 0::bigint, 'the feed is silent about it');

-- What two devices seal at once.
select tests.upload('ada', 'both', 10);
select public.reserve_version(tests.uuid('both'), tests.uuid('both2'), 20);
select tests.store(tests.path('ada', 'both', 2), 20);
select throws_ok($$ select public.complete_upload(tests.uuid('both2'), sealed := tests.b64('two')) $$, 'TK001', null, 'the seal of a second version says from which row it was made');
select public.change_file(tests.uuid('both'), jsonb_build_object('sealed', tests.b64('renamed')), 2);
select throws_ok($$ select public.complete_upload(tests.uuid('both2'), sealed := tests.b64('two'), version := 2) $$, 'TK701', null, 'and not from one that was renamed meanwhile');
select is(public.complete_upload(tests.uuid('both2'), sealed := tests.b64('two'), version := 3) #>> '{file,sealed}', tests.b64('two'), 'made from that it is taken');
select is(public.complete_upload(tests.uuid('both2'), sealed := tests.b64('late'), version := 3) #>> '{file,sealed}', tests.b64('two'), 'and repeated it is what it was');
select throws_ok(format('select public.change_file(tests.uuid(''both''), %L, 3)', jsonb_build_object('sealed', tests.b64('late'))), 'TK701', null, 'nor is a name sealed over content that its device has not seen');

-- What is told.
select tests.act_as_owner();
set constraints all immediate;
select results_eq(
  $$ select distinct table_name, operation from private.user_feed where user_id = tests.id('ada') and row_id = tests.uuid('v') $$,
  $$ values ('files', 'insert') $$, 'ada''s devices hear of it, of all that was done in one transaction once'
);
select is(private.row_of('files', tests.uuid('v'), tests.id('ada')), private.file_told(f), 'and get the row as it is read')
  from public.files f where id = tests.uuid('v');
select is(private.row_of('files', tests.uuid('v'), tests.id('eve')), null, 'eve does not');

select * from finish();
rollback;
