-- What devices leave for each other, and for how long.
begin;
\ir people.psql
select plan(6);

select tests.sign_up('ada');
select tests.sign_up('ben');
insert into public.device_approvals (id, user_id, request, created_at) values
  (md5('old')::uuid, tests.id('ada'), decode(repeat('00', 585), 'hex'), now() - interval '25 hours'),
  (md5('new')::uuid, tests.id('ada'), decode(repeat('00', 585), 'hex'), now());
select is(private.forget_sealed(), 1, 'requests for approval are kept for a day');
select is((select id from public.device_approvals), md5('new')::uuid, 'and no longer');
select is(private.forget_sealed(), 0, 'then there is nothing to forget');
select is((select count(*) from private.schedules where name = 'sealed'), 1::bigint, 'each night');
select tests.act_as('ben');
select is((select count(*) from public.device_approvals), 0::bigint, 'nobody sees another''s');
select tests.act_as_owner();
delete from auth.users where id = tests.id('ada');
select is((select count(*) from public.device_approvals), 0::bigint, 'and all go with their account');

select * from finish();
rollback;
