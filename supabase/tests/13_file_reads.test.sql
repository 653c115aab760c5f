-- Lists of files: page by page, without a gap and without a row twice, also among rows of one moment.
begin;
\ir people.psql
\ir files.psql
select plan(20);

select tests.sign_up(n) from unnest(array['ada', 'eve']) n;

-- All pages of a list, by their keysets.
create function tests.walk(scope text, folder uuid, size integer) returns uuid[]
  language plpgsql as $$
declare
  page jsonb := public.files_page(scope, folder, null, null, size);
  ids uuid[] := '{}';
  last jsonb;
begin
  while page <> '[]' loop
    if jsonb_array_length(page) > size then
      raise exception 'a page of % rows', jsonb_array_length(page);
    end if;
    ids := ids || array(select (r ->> 'id')::uuid from jsonb_array_elements(page) with ordinality x (r, n) order by n);
    last := page -> -1;
    page := public.files_page(
      scope, folder, (last ->> case scope when 'trash' then 'deleted_at' else 'created_at' end)::timestamptz, (last ->> 'id')::uuid, size
    );
  end loop;
  return ids;
end;
$$;

create function tests.expected(low integer, high integer) returns uuid[] language sql as $$
  select array_agg(f.id order by f.created_at desc, f.id desc) from public.files f
  where f.id in (select tests.uuid('f' || n) from generate_series(low, high) n)
$$;

select tests.act_as('ada');
select public.create_folder(tests.uuid('dir'), null, 'Photos');
select tests.upload('ada', 'f' || n, 1) from generate_series(1, 25) n;
select public.change_file(tests.uuid('f' || n), jsonb_build_object('folder_id', tests.uuid('dir'))) from generate_series(1, 10) n;
select public.change_file(tests.uuid('f' || n), '{"trashed": true}') from generate_series(20, 25) n;
select public.reserve_file(tests.uuid('open'), 1, folder := tests.uuid('dir'));
select tests.act_as_owner();
update public.files set created_at = now() - interval '1 hour' where id in (select tests.uuid('f' || n) from generate_series(1, 12) n);
select tests.act_as('ada');
select is(tests.walk('folder', tests.uuid('dir'), s), tests.expected(1, 10), 'a folder, in pages of ' || s) from unnest(array[1, 3, 10, 500]) s;
select is(tests.walk('folder', null, 4), tests.expected(11, 19), 'the top');
select is(tests.walk('all', null, 4), tests.expected(1, 19), 'all');
select is(tests.walk('trash', null, 4), tests.expected(20, 25), 'the trash');
select is(cardinality(tests.walk('export', null, 7)), 26, 'the export, with what is under way');
select is(tests.walk('attachments', null, 7), '{}', 'attachments: none');
select is(jsonb_array_length(public.files_page('all', "limit" := 0)), 1, 'a page has a row at least');
select is(jsonb_array_length(public.files_page('all', "limit" := null)), 19, 'and its usual size where none is told');
select is(jsonb_array_length(public.folders_page("limit" := 1)), 1, 'folders');
select is(public.folders_page(after := 'ffffffff-ffff-ffff-ffff-ffffffffffff'), '[]', 'to their end');
select is(jsonb_array_length(public.read_files(array[tests.uuid('f1'), tests.uuid('f1'), tests.uuid('nothing')])), 1, 'files by their ids, each once');
select throws_ok($$ select public.read_files(array(select gen_random_uuid() from generate_series(1, 101))) $$, 'TK706', null, 'not too many');
select is(public.my_uploads() #>> '{0,file,id}', tests.uuid('open')::text, 'open uploads');
select is((public.file_versions_of(tests.uuid('f1')) -> 0) - '{created_at,completed_at}'::text[], jsonb_build_object(
  'number', 1, 'upload_id', tests.uuid('f1'), 'state', 'ready', 'size', 1, 'hash', null, 'sealed', null, 'expires_at', null
), 'versions');

-- Ada's folder is nobody else's, whoever a file in it is shared with.
select public.share_file(tests.uuid('f1'), tests.id('eve'));
select tests.act_as('eve');
select is(public.files_page('folder', tests.uuid('dir')), '[]', 'eve sees nothing in ada''s folder');
select is(public.files_page('folder'), '[]', 'nor at her own top');
select is(jsonb_array_length(public.shared_with_me()), 1, 'but among what is shared with her');

select * from finish();
rollback;
