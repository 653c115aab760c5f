-- Bytes: who may have how many, what enters the bucket, and how it leaves.
begin;
\ir people.psql
\ir files.psql
select plan(33);

select tests.sign_up('ada');
select tests.sign_up('ben');
select is((select public from storage.buckets where id = 'files'), false, 'there is a bucket, and it is not public');

-- The quota is a plan's, or somebody's own.
select is((select max from public.limits where plan = 'free' and kind = 'bytes'), 10737418240, 'ten GiB unless told');
update public.limits set max = 50 where plan = 'free' and kind = 'bytes';
insert into public.limits (user_id, kind, max) values (tests.id('ben'), 'bytes', 1000);
select tests.act_as('ada');
select throws_ok($$ select public.reserve_file(tests.uuid('big'), 51) $$, 'TK205', null, 'ada has what her plan says');
select is((select array_agg(max || ' ' || used) from public.my_limits() where kind = 'bytes'), '{50 0}', 'and is told so');
select tests.upload('ben', 'b', 51);
select is((select array_agg(max || ' ' || used) from public.my_limits() where kind = 'bytes'), '{1000 51}', 'ben his own');
select tests.upload('ada', 'f', 20);
select throws_ok($$ select public.reserve_version(tests.uuid('f'), tests.uuid('v'), 31) $$, 'TK205', null, 'versions count');
select lives_ok($$ select public.reserve_version(tests.uuid('f'), tests.uuid('v'), 30) $$, 'as long as there is room they are taken');
select lives_ok($$ select public.reserve_file(tests.uuid('none'), 0) $$, 'in a full house there is room for nothing');
select tests.act_as_owner();
update public.limits set max = 10 where plan = 'free' and kind = 'bytes';
select tests.act_as('ada');
select lives_ok($$ select public.cancel_upload(tests.uuid('v')) $$, 'who holds more than they may gives up what they want');
select lives_ok($$ select public.complete_upload(tests.uuid('none')) $$, 'or not')
  from (select tests.store(tests.path('ada', 'none'), 0)) stored;
select throws_ok($$ select public.reserve_file(tests.uuid('one'), 1) $$, 'TK205', null, 'but adds nothing');
select throws_ok($$ update private.holdings set held = 0 $$, '42501', null, 'and does not count anew');

-- The bucket.
select tests.act_as_owner();
insert into storage.buckets (id, name) values ('other', 'other');
select lives_ok($$ select tests.store('anything', 5, 'other') $$, 'other buckets take what they take');
select throws_ok($$ update storage.objects set bucket_id = 'files' where bucket_id = 'other' $$, '42501', null, 'but nothing is moved in from there');
select throws_ok($$ update storage.objects set bucket_id = 'other' where bucket_id = 'files' $$, '42501', null, 'or out to there');
select lives_ok($$ update storage.objects set last_accessed_at = now() where bucket_id = 'files' $$, 'what storage notes is its own affair');
select throws_ok($$ select tests.store(tests.path('ada', 'f'), 20) $$, '42501', null, 'a complete version is not stored again');
set local role service_role;
select throws_ok(
  $$ insert into storage.objects (bucket_id, name, metadata) values ('files', 'service', '{"size": 1}') $$, '42501', null,
  'nor does the service store what was not reserved'
);
select tests.act_as_owner();
insert into public.file_versions (file_id, number, owner_id, upload_id, size, expires_at)
  values (tests.uuid('b'), 2, tests.id('ben'), tests.uuid('probe'), 5, now());
select throws_ok(
  format('insert into storage.objects (bucket_id, name, %s) values (%L, %L, %L)', k, 'files', tests.path('ben', 'b', 2), v),
  '42501', null, 'what somebody says of an object is kept outside every quota: ' || k
) from (values ('user_metadata', '{"a": 1}'), ('user_metadata', '[]'), ('metadata', jsonb_build_object('a', repeat('a', 2048))::text)) s (k, v);
insert into storage.objects (bucket_id, name) values ('files', tests.path('ben', 'b', 2));
select pass('a size that is not known yet is not asked for');
select tests.act_as('ben');
select throws_ok($$ select public.complete_upload(tests.uuid('probe')) $$, 'TK705', null, 'but it has to be known at the end');

-- Removals.
select tests.act_as_owner();
delete from public.file_versions where upload_id = tests.uuid('probe');
select is(tests.doomed(), (select array_agg(p order by p) from unnest(array[tests.path('ada', 'f', 2), tests.path('ben', 'b', 2)]) p), 'a version that goes leaves its object to the worker');
select is((select count(*) from pgmq.q_files), 2::bigint, 'one job each');
select ok(private.work_is_due(), 'and the worker is called');
select is(jsonb_array_length(public.worker_removals(array(select id from private.removals))), 2, 'which learns what to remove');
select is(public.worker_removals(array[gen_random_uuid()]), '[]', 'and nothing of what is none');
insert into public.file_versions (file_id, number, owner_id, upload_id, size, expires_at)
  values (tests.uuid('b'), 2, tests.id('ben'), tests.uuid('again'), 5, now());
select is(jsonb_array_length(public.worker_removals(array(select id from private.removals))), 1, 'or of what there is a version of');
select is(public.worker_removed(array(select id from private.removals)), 2, 'it notes what is gone');
select is(public.worker_removed(array(select id from private.removals)), 0, 'once');
select tests.act_as('ada');
select throws_ok($$ select public.worker_removals('{}') $$, '42501', null, 'ada does not ask that');
select throws_ok($$ select public.worker_removed('{}') $$, '42501', null, 'nor tell it');

select * from finish();
rollback;
