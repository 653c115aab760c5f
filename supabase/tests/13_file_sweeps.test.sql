-- What files leave behind goes by itself, rows here and bytes by the queue; everything else stays.
begin;
\ir people.psql
\ir files.psql
select plan(25);

create function tests.ago(days integer) returns timestamptz
  language sql as $$ select now() - make_interval(days => days) - interval '1 minute' $$;
create function tests.ids(variadic words text[]) returns uuid[]
  language sql as $$ select array_agg(tests.uuid(w) order by tests.uuid(w)) from unnest(words) w $$;
select tests.sign_up(n) from unnest(array['ada', 'ben']) n;

select tests.upload('ada', f, 10) from unnest(array['kept', 'old', 'new', 'inside']) f;
select public.create_folder(tests.uuid('dir'), null, 'Old'), public.create_folder(tests.uuid('newdir'), null, 'New');
select public.change_file(tests.uuid('inside'), jsonb_build_object('folder_id', tests.uuid('dir')));
select public.change_folder(tests.uuid('dir'), '{"trashed": true}');
select public.change_file(tests.uuid(f), '{"trashed": true}') from unnest(array['old', 'new']) f;
select public.reserve_file(tests.uuid(f), 10) from unnest(array['late', 'soon']) f;
select public.reserve_version(tests.uuid('kept'), tests.uuid('kept2'), 10);
select tests.link(l, 'kept') from unnest(array['live', 'dead', 'ended', 'fresh']) l;
select public.revoke_share(tests.uuid(l)) from unnest(array['dead', 'fresh']) l;
select tests.store(tests.path('ada', 'late'), 10);
select tests.act_as_owner();
select tests.redeem('live'), tests.redeem('live');
select is(private.sweep_files(), 0, 'nothing is over yet');

update public.file_versions set expires_at = now() - interval '1 s' where upload_id = any (tests.ids('late', 'kept2'));
update public.files set deleted_at = tests.ago(30) where id = any (tests.ids('old', 'inside'));
update public.folders set deleted_at = tests.ago(30) where id = tests.uuid('dir');
update public.shares set revoked_at = tests.ago(180) where id = tests.uuid('dead');
update public.shares set expires_at = tests.ago(180) where id = tests.uuid('ended');
update private.share_grants set expires_at = now() - interval '1 s' where hash = (select hash from private.share_grants limit 1);
update public.share_events set created_at = tests.ago(365) where kind = 'created' and share_id = tests.uuid('live');
select is(tests.held('ada', 'bytes'), 70::bigint, 'seven versions are counted');
select is(private.sweep_files(), 9, 'what is over goes');
select is(private.sweep_files(), 0, 'once');
select is((select array_agg(id order by id) from public.files), tests.ids('kept', 'new', 'soon'), 'unused reservations and the old trash, no other file');
select is((select array_agg(upload_id order by upload_id) from public.file_versions), tests.ids('kept', 'new', 'soon'), 'nor version');
select is((select array_agg(id) from public.folders), array[tests.uuid('newdir')], 'nor folder');
select is((select array_agg(id order by id) from public.shares), tests.ids('live', 'fresh'), 'links that are over for long');
select is((select count(*) from private.share_grants), 1::bigint, 'grants after their day');
select is((select count(*) from public.share_events where share_id = tests.uuid('live')), 2::bigint, 'events after a year');
select is(tests.held('ada', 'bytes'), 30::bigint, 'the quota is free again');
select is(tests.doomed(), (select array_agg(p order by p) from unnest(array[
  tests.path('ada', 'late'), tests.path('ada', 'old'), tests.path('ada', 'inside'), tests.path('ada', 'kept', 2)
]) p), 'and the bytes of it are to go');
select throws_ok($$ select tests.store(tests.path('ada', 'kept', 2), 10) $$, '42501', null, 'what comes too late does not enter');

-- More than one time takes.
select tests.act_as('ada');
select public.reserve_file(tests.uuid(f), 10) from unnest(array['many1', 'many2', 'many3']) f;
select tests.act_as_owner();
update public.file_versions set expires_at = now() - interval '1 s' where upload_id = any (tests.ids('many1', 'many2', 'many3'));
select is(array[private.sweep_files(1), private.sweep_files(1), private.sweep_files(1)], '{1,1,1}', 'of many it takes some at a time');
select is((select count(*) from public.files where state = 'reserved'), 1::bigint, 'each with its version, until none is left');

-- Orphans.
insert into public.file_versions (file_id, number, owner_id, upload_id, size, expires_at)
  values (tests.uuid('soon'), 7, tests.id('ada'), tests.uuid('lost'), 10, now());
select tests.store(tests.path('ada', 'soon', 7), 10);
alter table public.file_versions disable trigger user;
delete from public.file_versions where upload_id = tests.uuid('lost');
alter table public.file_versions enable trigger user;
select is(private.doom_orphans(), 0, 'an object without a version may be on its way');
update storage.objects set created_at = tests.ago(1) where bucket_id = 'files';
select is(private.doom_orphans(), 1, 'after a day it is an orphan');
select ok(tests.path('ada', 'soon', 7) = any (tests.doomed()), 'and goes');
select is(private.doom_orphans(), 0, 'one job is enough for it');

-- Removals.
update private.removals set doomed_at = tests.ago(1) where path = tests.path('ada', 'soon', 7);
select is(private.sweep_files(), 1, 'a removal that nobody did in a day gets another job');
select is((select count(*) from pgmq.q_files where message ->> 'id' = (select id::text from private.removals where path = tests.path('ada', 'soon', 7))), 2::bigint, 'under its id');
set local storage.allow_delete_query = 'true';
delete from storage.objects o where exists (select from private.removals r where r.path = o.name);
select public.worker_removed(array(select id from private.removals));
update private.removals set removed_at = tests.ago(2) where path = tests.path('ada', 'soon', 7);
select is(private.sweep_files(), 1, 'and is forgotten two days after');

-- An account.
delete from auth.users where id = tests.id('ada');
select is((select count(*) from public.files) + (select count(*) from public.folders) + (select count(*) from public.file_versions)
  + (select count(*) from private.share_secrets) + (select count(*) from private.share_grants), 0::bigint, 'an account goes with all of it');
select ok(tests.path('ada', 'kept') = any (tests.doomed()), 'and its bytes go by the queue');
select is((select array_agg(name order by name) from private.schedules where enabled and name like 'file%'), '{file-orphans,files}', 'sweeps have their hours');

select * from finish();
rollback;
