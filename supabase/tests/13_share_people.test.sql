-- Sharing by name: whom a file is shared with, and what is shared with whom; who may read it then, 13_files has.
begin;
\ir people.psql
\ir files.psql
select plan(25);

select tests.sign_up(n) from unnest(array['ada', 'ben', 'cleo', 'eve']) n;
create table tests.told (what text primary key, said jsonb);
grant all on tests.told to public;
-- What of where a file is kept somebody is told.
create function tests.kept_at(file jsonb) returns text language sql as $$
  select concat_ws(' ', 'dir' || nullif(file ->> 'folder_id' = tests.uuid('dir')::text, false), 'room' || nullif(file ->> 'room_id' = tests.uuid('hers')::text, false))
    || case when file ?& '{folder_id,room_id}' and not file ?| '{place,shown_in,room_since}' then '' else ' keys' end
$$;

select tests.upload('ada', 'f' || n) from generate_series(1, 5) n;

-- Sharing.
insert into tests.told values ('ben', public.share_file(tests.uuid('f1'), tests.id('ben')));
select is(said - '{id,created_at}'::text[], jsonb_build_object(
  'file_id', tests.uuid('f1'), 'owner_id', tests.id('ada'), 'user_id', tests.id('ben'), 'since', 1
), 'ada shares a file with ben') from tests.told;
select is(public.share_file(tests.uuid('f1'), tests.id('ben')), said, 'twice is once') from tests.told;
select public.share_file(tests.uuid('f1'), tests.id('cleo'));
select is(jsonb_path_query_array(public.file_people(tests.uuid('f1')), '$[*].user.username'), '["ben", "cleo"]', 'she sees with whom, the first first');
select is((public.file_people(tests.uuid('f1')) #> '{0,user}') - 'id', '{"username": "ben", "display_name": "ben", "avatar_url": null}', 'and of them no more than who they are');
select is(public.file_people(tests.uuid('f2')), '[]', 'with nobody, of another');
select tests.upload_version('ada', 'f1', 'second');
select public.share_file(tests.uuid('f1'), tests.id('eve'));
select is(jsonb_path_query_array(public.file_people(tests.uuid('f1')), '$[*].since'), '[1, 1, 2]', 'who comes later reads from the version of then');
select throws_ok($$ select public.share_file(tests.uuid('f1'), null) $$, 'TK702', null, 'nobody is not somebody');

-- What is shared with ben.
select public.share_file(tests.uuid('f' || n), tests.id('ben')) from generate_series(2, 5) n;
select tests.act_as('ben');
select is(public.file_people(tests.uuid('f1')), '[]', 'ben does not see who else has it');
select is(jsonb_path_query_array(public.shared_with_me("limit" := 2), '$[*].file.id'), jsonb_build_array(tests.uuid('f5'), tests.uuid('f4')), 'he sees what is, the latest first');
select is(jsonb_path_query_array((
  select public.shared_with_me((r ->> 'shared_at')::timestamptz, (r ->> 'share_id')::uuid) from jsonb_path_query(public.shared_with_me("limit" := 2), '$[1]') r
), '$[*].file.id'), jsonb_build_array(tests.uuid('f3'), tests.uuid('f2'), tests.uuid('f1')), 'page by page');
select is(public.shared_with_me() #>> '{0,owner,username}', 'ada', 'from whom');


-- Where ada keeps it he is not told, nor in which room it is, unless he is in it; she is.
select tests.act_as_owner();
select tests.room_of('hers', 'ada', 'eve');
select tests.act_as('ada');
select public.create_folder(tests.uuid('dir'), null, 'Doctors');
select public.change_file(tests.uuid('f1'), jsonb_build_object('folder_id', tests.uuid('dir')));
select public.attach_file(tests.uuid('f1'), tests.uuid('hers'));
select is(tests.kept_at(public.read_files(array[tests.uuid('f1')]) -> 0), 'dirtrue roomtrue', 'ada is told where she keeps it');
select tests.act_as('ben');
select is(tests.kept_at(public.read_files(array[tests.uuid('f1')]) -> 0), '', 'ben is not');
select is(tests.kept_at(f), '', 'nor in his list') from jsonb_path_query(public.shared_with_me(), '$[*].file ? (@.id == $f)', jsonb_build_object('f', tests.uuid('f1'))) f;
select is((select count(*) from public.files), 0::bigint, 'and its row he does not see');
select tests.act_as('eve');
select is(tests.kept_at(public.read_files(array[tests.uuid('f1')]) -> 0), 'roomtrue', 'eve, who is in the room, is told of the room alone');
select is(tests.kept_at(f), 'roomtrue', 'also in her list') from jsonb_path_query(public.shared_with_me(), '$[*].file ? (@.id == $f)', jsonb_build_object('f', tests.uuid('f1'))) f;
select tests.act_as('ben');

-- Its end.
select ok(public.unshare_file(tests.uuid('f2'), tests.id('ben')), 'he takes himself out');
select is(public.unshare_file(tests.uuid('f2'), tests.id('ben')), false, 'once');
select is(public.unshare_file(tests.uuid('f1'), tests.id('cleo')), false, 'and nobody else');
select tests.act_as('ada');
select ok(public.unshare_file(tests.uuid('f1'), tests.id('cleo')), 'ada may');
select public.change_file(tests.uuid('f3'), '{"trashed": true}');
select tests.act_as('ben');
select is(jsonb_path_query_array(public.shared_with_me(), '$[*].file.id'), jsonb_build_array(tests.uuid('f5'), tests.uuid('f4'), tests.uuid('f1')), 'what is in her trash he does not see');
select tests.act_as('ada');
select is((select string_agg(e ->> 'kind', ' ' order by n desc) from jsonb_array_elements(public.share_events_page(file := tests.uuid('f1'))) with ordinality x (e, n)), 'shared shared shared unshared', 'each is noted, once');

-- How many.
select tests.act_as_owner();
update private.settings set value = value || '{"people": 2}' where name = 'files';
select tests.act_as('ada');
select throws_ok($$ select public.share_file(tests.uuid('f1'), tests.id('cleo')) $$, 'TK706', null, 'a file is shared with so many people and no more');
select lives_ok($$ select public.share_file(tests.uuid('f1'), tests.id('ben')) $$, 'those who have it keep it');

select * from finish();
rollback;
