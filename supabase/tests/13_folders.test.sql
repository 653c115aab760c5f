-- Folders: made, moved, deleted and restored with what is in them.
begin;
\ir people.psql
\ir files.psql
select plan(53);

select tests.sign_up('ada');
select tests.sign_up('eve');

create function tests.tree() returns text language sql as $$
  select string_agg(coalesce(name, '*') || depth || case when deleted_at is null then '' else '-' end, ' ' order by depth, name nulls first)
  from public.folders
$$;
create function tests.move(folder text, parent text) returns jsonb language sql as $$
  select public.change_folder(tests.uuid(folder), jsonb_build_object('parent_id', tests.uuid(parent)))
$$;

select tests.upload('ada', 'f');
select tests.upload('ada', 'loose');
select is(public.create_folder(tests.uuid('a'), null, 'a') - '{id,owner_id,created_at,updated_at}'::text[], jsonb_build_object(
  'parent_id', null, 'depth', 1, 'name', 'a', 'sealed', null, 'deleted_at', null, 'version', 1
), 'ada makes a folder');
select lives_ok($$ select public.create_folder(tests.uuid('a'), null, 'a') $$, 'twice is once');
select throws_ok($$ select public.create_folder(tests.uuid('a'), null, 'other') $$, 'TK005', null, 'but not with another name');
select is(public.create_folder(tests.uuid('s'), tests.uuid('a'), null, tests.b64('name')) ->> 'sealed', tests.b64('name'), 'one with a sealed name, in it');
select throws_ok($$ select public.create_folder(tests.uuid('x')) $$, '23514', null, 'a name is needed');
select throws_ok($$ select public.create_folder(tests.uuid('x'), null, 'x', tests.b64('x')) $$, '23514', null, 'and one is enough');
select throws_ok(format('select public.create_folder(tests.uuid(''x''), null, %L)', bad), '23514', null, format('not %s', bad))
  from unnest(array['a/b', '..', '', ' x']) bad;
select public.create_folder(tests.uuid('b'), tests.uuid('a'), 'b');
select public.create_folder(tests.uuid('c'), tests.uuid('b'), 'c');
select is(tests.tree(), 'a1 *2 b2 c3', 'folders have their depth');

-- Moving.
select throws_ok($$ select tests.move('a', 'c') $$, 'TK703', null, 'none stands below itself');
select throws_ok($$ select tests.move('a', 'a') $$, 'TK703', null, 'nor in itself');
select throws_ok($$ select tests.move('a', 'nowhere') $$, 'TK702', null, 'nor in one that is not there');
select throws_ok($$ select public.change_folder(tests.uuid('a'), '{"parent_id": "x"}') $$, 'TK001', null, 'an id is an id');
select is((public.change_folder(tests.uuid('b'), '{"parent_id": null}') ->> 'depth')::integer, 1, 'to the top');
select is((select depth from public.folders where id = tests.uuid('c')), 2::smallint, 'with what is below it');
select is((tests.move('b', 'a') ->> 'depth')::integer, 2, 'and back');
select is((select depth from public.folders where id = tests.uuid('c')), 3::smallint, 'with what is below it');
select public.create_folder(tests.uuid('d' || n), case n when 1 then null else tests.uuid('d' || n - 1) end, 'd' || n) from generate_series(1, 10) n;
select throws_ok($$ select public.create_folder(tests.uuid('d11'), tests.uuid('d10'), 'd11') $$, 'TK704', null, 'ten levels are enough');
select throws_ok($$ select tests.move('a', 'd8') $$, 'TK704', null, 'also for what is below what is moved');
select is((tests.move('a', 'd7') ->> 'depth')::integer, 8, 'which may just reach it');
select public.change_folder(tests.uuid('a'), '{"parent_id": null}');
select public.change_folder(tests.uuid('d1'), '{"trashed": true}');
select public.purge_folder(tests.uuid('d1'));

-- Names and versions.
select is(public.change_folder(tests.uuid('a'), '{"name": "Photos"}') ->> 'name', 'Photos', 'a folder is renamed');
select is(public.change_folder(tests.uuid('a'), jsonb_build_object('sealed', tests.b64('n'))) - '{id,owner_id,created_at,updated_at,version}'::text[],
  jsonb_build_object('parent_id', null, 'depth', 1, 'name', null, 'sealed', tests.b64('n'), 'deleted_at', null), 'or sealed');
select is(public.change_folder(tests.uuid('a'), '{"name": "a"}') ->> 'sealed', null, 'and plain again');
select is((select name from public.folders where id = tests.uuid('a')), 'a', 'with that name');
select throws_ok($$ select public.change_folder(tests.uuid('a'), '{"name": "z"}', 1) $$, 'TK701', null, 'who has read an older version is told');
select throws_ok($$ select public.change_folder(tests.uuid('a'), '{"colour": "red"}') $$, 'TK007', null, 'a field that there is not');
select throws_ok($$ select public.change_folder(tests.uuid('a'), '[]') $$, 'TK001', null, 'no object');
select throws_ok($$ select public.change_folder(tests.uuid('a'), '{"trashed": "yes"}') $$, 'TK001', null, 'no truth');

-- Files in them.
select is(public.change_file(tests.uuid('f'), jsonb_build_object('folder_id', tests.uuid('c'))) ->> 'folder_id', tests.uuid('c')::text, 'a file is put into one');
select throws_ok($$ select public.change_file(tests.uuid('f'), jsonb_build_object('folder_id', tests.uuid('x'))) $$, 'TK702', null, 'that is there');
select is(jsonb_array_length(public.files_page('folder', tests.uuid('c'))), 1, 'where it is listed');
select is(public.files_page('folder') #>> '{0,id}', tests.uuid('loose')::text, 'the top has the other');
select public.reserve_file(tests.uuid('late'), 5, folder := tests.uuid('c'));

-- The trash.
select public.change_file(tests.uuid('loose'), jsonb_build_object('folder_id', tests.uuid('b')));
select public.change_file(tests.uuid('loose'), '{"trashed": true}');
-- Within one transaction there is one time; what was deleted before was deleted at another.
select tests.act_as_owner();
update public.files set deleted_at = now() - interval '1 minute' where id = tests.uuid('loose');
select tests.act_as('ada');
select is((public.change_folder(tests.uuid('a'), '{"trashed": true}') ->> 'deleted_at') is not null, true, 'a folder is deleted');
select is((select count(*) from public.folders where deleted_at is null), 0::bigint, 'with those below it');
select is((select array_agg(id order by id) from public.files where deleted_at is not null), (select array_agg(x order by x) from unnest(array[tests.uuid('f'), tests.uuid('loose')]) x), 'and the files in them');
select is((select folder_id from public.files where id = tests.uuid('late')), null, 'an upload under way goes to the top');
select is(tests.held('ada', 'folders') || ' ' || tests.held('ada', 'files'), '0 1', 'neither is counted any more');
select throws_ok($$ select public.create_folder(tests.uuid('x'), tests.uuid('a'), 'x') $$, 'TK702', null, 'nothing is put into it');
select throws_ok($$ select public.change_file(tests.uuid('f'), jsonb_build_object('folder_id', tests.uuid('a'))) $$, 'TK702', null, 'no file either');
select is((public.change_folder(tests.uuid('b'), '{"trashed": false}') ->> 'parent_id'), null, 'one below it is restored alone, to the top');
select is((select deleted_at from public.files where id = tests.uuid('f')), null, 'with the file in it');
select isnt((select deleted_at from public.files where id = tests.uuid('loose')), null, 'but not what had been deleted before');
select is((public.change_file(tests.uuid('loose'), '{"trashed": false}') ->> 'folder_id'), tests.uuid('b')::text, 'that comes back by itself, to where it was');
select throws_ok($$ select public.purge_folder(tests.uuid('b')) $$, 'TK700', null, 'only the trash is purged');
select public.change_folder(tests.uuid('b'), '{"trashed": true}');
select is(public.purge_folder(tests.uuid('b')), 3, 'purged, its files go with it');
select is(tests.doomed(), (select array_agg(p order by p) from unnest(array[tests.path('ada', 'f'), tests.path('ada', 'loose')]) p), 'and their bytes');

-- Eve.
select tests.act_as('eve');
select throws_ok($$ select public.change_folder(tests.uuid('a'), '{"trashed": false}') $$, 'TK700', null, 'eve changes no folder of ada''s');
select throws_ok($$ select public.purge_folder(tests.uuid('a')) $$, 'TK700', null, 'nor purges it');
select throws_ok($$ select public.create_folder(tests.uuid('x'), tests.uuid('a'), 'x') $$, 'TK702', null, 'nor puts one into it');
select throws_ok($$ select public.create_folder(tests.uuid('a'), null, 'a') $$, 'TK005', null, 'nor learns whose an id is');
select is(public.folders_page(), '[]', 'nor sees it');

select * from finish();
rollback;
