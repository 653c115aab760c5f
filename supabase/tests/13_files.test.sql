-- Who reads a file: its row, and its bytes. Spoil a policy of storage.objects, and a line here fails.
begin;
\ir people.psql
\ir files.psql
select plan(55);

select tests.sign_up(n) from unnest(array['ada', 'ben', 'cyd', 'eve', 'sue']) n;
select tests.room_of('room', 'ada', 'cyd');

-- What somebody sees of `file`: R that it is there, and the numbers of the objects.
create function tests.sees(name text, file text) returns text
  language plpgsql as $$
begin
  perform tests.act_as(name);
  return case when public.read_files(array[tests.uuid(file)]) = '[]' then '-' else 'R' end || ' ' || (
    select coalesce(string_agg(o.path_tokens[3], '' order by o.name), '-') from storage.objects o
    where o.bucket_id = 'files' and o.path_tokens[2] = tests.uuid(file)::text
  );
end;
$$;

select tests.upload('ada', 'f');
select tests.act_as('ada');
select public.reserve_file(tests.uuid('open'), 5);
select lives_ok(
  $$ insert into storage.objects (bucket_id, name, metadata) values ('files', tests.path('ada', 'open'), '{"size": 5}') $$,
  'ada uploads what she has reserved'
);
select is(tests.sees('ada', 'f'), 'R 1', 'ada sees her own');
select is(tests.sees('ada', 'open'), 'R 1', 'also under way');
select public.reserve_file(tests.uuid('signed'), 5);
select set_config('storage.operation', 'storage.object.sign_many', true);
select is(tests.sees('ada', 'f'), 'R -', 'but has no address of it signed');
select set_config('storage.operation', 'storage.object.sign_upload_url', true);
select throws_ok(
  $$ insert into storage.objects (bucket_id, name, metadata) values ('files', tests.path('ada', 'signed'), '{"size": 5}') $$,
  '42501', null, 'nor one to upload by'
);
select set_config('storage.operation', 'storage.object.upload_signed', true);
select is(tests.sees('ada', 'f'), 'R 1', 'any other call is not meant');
select set_config('storage.operation', 'storage.object.list_v2', true);
select is(tests.sees('ada', 'f'), 'R 1', 'and in a list of storage she has hers');
select is(tests.sees('eve', 'f'), '- -', 'and eve nothing');
select set_config('storage.operation', '', true);
select is(tests.sees('eve', 'f'), '- -', 'eve sees nothing of it');
select is(tests.sees('ben', 'f'), '- -', 'nor ben, before it is shared');
select is(tests.sees('cyd', 'f'), '- -', 'nor cyd, before it is in the room');

-- By name.
select tests.act_as('ada');
select throws_ok($$ select public.share_file(tests.uuid('open'), tests.id('ben')) $$, 'TK705', null, 'what is under way is not shared');
select throws_ok($$ select public.share_file(tests.uuid('f'), tests.id('ada')) $$, 'TK702', null, 'nor anything with oneself');
select throws_ok($$ select public.share_file(tests.uuid('f'), tests.uuid('nobody')) $$, 'TK702', null, 'nor with nobody');
select is((public.share_file(tests.uuid('f'), tests.id('ben')) ->> 'since')::integer, 1, 'ada shares it with ben');
select lives_ok($$ select public.share_file(tests.uuid('f'), tests.id('ben')) $$, 'twice is once');
select is(tests.sees('ben', 'f'), 'R 1', 'he sees it');
select set_config('storage.operation', 'storage.object.list', true);
select is(tests.sees('ada', 'f'), 'R 1', 'in a list of storage ada has it');
select is(tests.sees('ben', 'f'), 'R -', 'and he does not: for that each object that there is would be asked about');
select set_config('storage.operation', '', true);
select is(public.shared_with_me() #>> '{0,owner,username}', 'ada', 'among what is shared with him, from her');
select is(public.shared_with_me() #>> '{0,file,id}', tests.uuid('f')::text, 'and which it is');
select is(jsonb_array_length(public.read_files(array[tests.uuid('f')])), 1, 'and reads it by its id');
select is(public.file_versions_of(tests.uuid('f')), '[]', 'but not its versions');
select throws_ok($$ select public.change_file(tests.uuid('f'), '{"trashed": true}') $$, 'TK700', null, 'nor may he delete it');
select throws_ok($$ select public.share_file(tests.uuid('f'), tests.id('eve')) $$, 'TK700', null, 'nor pass it on');
select is(tests.sees('eve', 'f'), '- -', 'eve still sees nothing');
select tests.act_as('ada');
select is(public.file_people(tests.uuid('f')) #>> '{0,user,username}', 'ben', 'ada sees whom it is shared with');

-- In a room.
select throws_ok($$ select public.attach_file(tests.uuid('f'), tests.uuid('elsewhere')) $$, 'TK600', null, 'not to a room that she is not in');
select is(public.attach_file(tests.uuid('f'), tests.uuid('room')) ->> 'room_id', tests.uuid('room')::text, 'ada attaches it to a room');
select lives_ok($$ select public.attach_file(tests.uuid('f'), tests.uuid('room')) $$, 'twice is once');
select is(tests.sees('cyd', 'f'), 'R 1', 'its members see it');
select is(tests.sees('eve', 'f'), '- -', 'and nobody else');

-- Versions: what was there before it was shared is not shown, what came after is.
select tests.upload_version('ada', 'f', 'v2');
select is(tests.sees('ben', 'f'), 'R 12', 'ben sees the next version, too');
select tests.upload('ada', 'g');
select tests.upload_version('ada', 'g', 'g2');
select public.share_file(tests.uuid('g'), tests.id('ben'));
select public.attach_file(tests.uuid('g'), tests.uuid('room'));
select is(tests.sees('ben', 'g'), 'R 2', 'but none from before it was shared');
select is(tests.sees('cyd', 'g'), 'R 2', 'and so do members');
select is(tests.sees('ada', 'g'), 'R 12', 'ada sees both');
select tests.act_as('ada');
select public.restore_version(tests.uuid('g'), 1);
select is(tests.sees('ben', 'g'), 'R 12', 'an earlier one that is made the present one ben sees as well');
select tests.act_as('ada');
select public.restore_version(tests.uuid('g'), 2);
select tests.act_as('ada');
select public.reserve_version(tests.uuid('g'), tests.uuid('g3'), 5);
select tests.store(tests.path('ada', 'g', 3), 5);
select is(tests.sees('ben', 'g'), 'R 2', 'one under way he does not');

-- The end of it.
select tests.act_as('ada');
select public.change_file(tests.uuid('f'), '{"trashed": true}');
select is(tests.sees('ben', 'f') || tests.sees('cyd', 'f'), '- -- -', 'in the trash nobody else sees it');
select is(tests.sees('ada', 'f'), 'R 12', 'but ada does');
select public.change_file(tests.uuid('f'), '{"trashed": false}');
select is(tests.sees('ben', 'f') || tests.sees('cyd', 'f'), 'R 12R 12', 'restored, they do again');
select tests.act_as('eve');
select is(public.unshare_file(tests.uuid('f'), tests.id('ben')), false, 'eve ends nothing');
select tests.act_as('ben');
select ok(public.unshare_file(tests.uuid('f'), tests.id('ben')), 'ben gives it back');
select is(tests.sees('ben', 'f'), '- -', 'and sees it no more');
select tests.act_as_owner();
update public.room_members set left_at = now() where user_id = tests.id('cyd');
select is(tests.sees('cyd', 'f'), '- -', 'who leaves the room, neither');
select tests.act_as_owner();
update public.room_members set left_at = null where user_id = tests.id('cyd');
select is(tests.sees('cyd', 'f'), 'R 12', 'until they come back');
select tests.act_as('ada');
select public.detach_file(tests.uuid('f'));
select is(tests.sees('cyd', 'f'), '- -', 'and when it is taken back');

-- Who may not act at all.
select tests.upload('sue', 's');
select public.reserve_file(tests.uuid('s2'), 5);
select tests.act_as_owner();
insert into public.blocks (user_id, blocked_id) values (tests.id('eve'), tests.id('ada'));
update public.profiles set status = 'suspended' where id = tests.id('sue');
select is(tests.sees('sue', 's'), '- -', 'a suspended account sees nothing of its own');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name, metadata) values ('files', tests.path('sue', 's2'), '{"size": 5}') $$,
  '42501', null, 'and uploads nothing'
);
select throws_ok($$ select public.reserve_file(tests.uuid('s3'), 5) $$, 'TK002', null, 'nor reserves');
select tests.act_as('ada');
select throws_ok($$ select public.share_file(tests.uuid('f'), tests.id('eve')) $$, 'TK702', null, 'who has blocked somebody is not reached');
select throws_ok($$ select public.share_file(tests.uuid('f'), tests.id('sue')) $$, 'TK702', null, 'nor who is suspended');

-- Objects elsewhere are none of ours.
select tests.act_as_owner();
insert into storage.buckets (id, name) values ('other', 'other');
select tests.store(tests.path('ada', 'f'), 5, 'other');
select tests.act_as('ada');
select is((select count(*) from storage.objects where bucket_id = 'other'), 0::bigint, 'another bucket is not opened by this');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('other', tests.path('ada', 'open')) $$, '42501', null, 'nor filled'
);
select throws_ok($$ delete from storage.objects where bucket_id = 'files' $$, '42501', null, 'nobody deletes an object in SQL');

select * from finish();
rollback;
