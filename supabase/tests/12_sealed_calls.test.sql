-- Approvals, backups and the vault.
begin;
\ir people.psql
\ir rooms.psql
select plan(38);
create function tests.request(name text, id uuid) returns text language sql as $$
  select tests.b64('\x01'::bytea || uuid_send(tests.id(name)) || uuid_send(id) || tests.nil(552))
$$;
create function tests.answer(id uuid, mark text default 'a') returns text language sql as $$
  select tests.b64('\x01'::bytea || uuid_send(id) || convert_to(repeat(mark, 200), 'UTF8'))
$$;
create function tests.backup(name text, number bigint, mark text default 'a') returns text language sql as $$
  select tests.b64('\x01'::bytea || uuid_send(tests.id(name)) || tests.root(name) || tests.nil(16) || int8send(number) || convert_to(repeat(mark, 100), 'UTF8'))
$$;
create function tests.item(name text, version bigint, epoch bigint default 1, mark text default 'a') returns bytea language sql as $$
  select '\x0101'::bytea || tests.nil(16) || int8send(epoch) || tests.nil(32) || '\x04'::bytea || uuid_send(md5(name)::uuid) || int8send(version)
    || convert_to(repeat(mark, 100), 'UTF8')
$$;
create function tests.put(variadic items bytea[]) returns integer language sql as $$
  select public.put_vault_items((select jsonb_agg(tests.b64(i)) from unnest(items) i))
$$;
select tests.enrol('eve');
select tests.enrol('ada');

select is(public.request_approval(tests.request('ada', md5('r')::uuid)), md5('r')::uuid, 'a new device asks');
select is(public.request_approval(tests.request('ada', md5('r')::uuid)), md5('r')::uuid, 'and may ask again');
select is(jsonb_array_length(public.my_approvals()), 1, 'with one request');
select is(public.my_approvals() #>> '{0,request}', tests.request('ada', md5('r')::uuid), 'as it was posted');
select throws_ok($$ select public.request_approval(tests.request('eve', md5('r2')::uuid)) $$, 'TK001', null, 'nobody asks for another');
select throws_ok($$ select public.request_approval('AA') $$, 'TK001', null, 'nor with rubbish');
select throws_ok($$ select public.request_approval(null) $$, 'TK001', null, 'nor with nothing');
select is(public.answer_approval(md5('r')::uuid, tests.answer(md5('r')::uuid)), true, 'an older device answers');
select is(public.answer_approval(md5('r')::uuid, tests.answer(md5('r')::uuid, 'b')), true, 'and may answer anew');
select is(public.my_approvals() #> '{0,answer}', 'null', 'lists come without answers');
select is(public.my_approvals(md5('r')::uuid) #>> '{0,answer}', tests.answer(md5('r')::uuid, 'b'), 'which are read one by one');
select throws_ok($$ select public.answer_approval(md5('r')::uuid, null) $$, 'TK001', null, 'an answer is not taken back');
select throws_ok($$ select public.answer_approval(md5('r')::uuid, tests.answer(md5('x')::uuid)) $$, 'TK001', null, 'and names its request');
select throws_ok($$ select public.answer_approval(md5('x')::uuid, tests.answer(md5('x')::uuid)) $$, 'TK600', null, 'which has to be there');
select tests.act_as('eve');
select throws_ok($$ select public.answer_approval(md5('r')::uuid, tests.answer(md5('r')::uuid)) $$, 'TK600', null, 'and to be one''s own: eve is told the same');
select throws_ok($$ select public.request_approval(tests.request('eve', md5('r')::uuid)) $$, 'TK005', null, 'nor takes its place');
select is(public.my_approvals(), '[]', 'nor reads it');
select tests.act_as('ada');
select public.request_approval(tests.request('ada', md5('r' || n)::uuid)) from generate_series(1, 7) n;
select is((select count(*) from public.device_approvals), 5::bigint, 'five requests are open at most');

-- Backups.
select is(public.put_backup(tests.backup('ada', 1)), 1::bigint, 'a backup is stored');
select is(public.put_backup(tests.backup('ada', 1)), 1::bigint, 'again, the same');
select throws_ok($$ select public.put_backup(tests.backup('ada', 1, 'b')) $$, 'TK607', null, 'another one of its number is refused');
select is(public.put_backup(tests.backup('ada', 5, 'b')), 5::bigint, 'a later one takes its place');
select throws_ok($$ select public.put_backup(tests.backup('ada', 4)) $$, 'TK607', null, 'which an earlier one does not');
select is(public.my_backup() #>> '{0,backup}', tests.backup('ada', 5, 'b'), 'the last is read');
select throws_ok($$ select public.put_backup(tests.backup('eve', 6)) $$, 'TK001', null, 'nobody backs another up');
select throws_ok($$ select public.put_backup(null) $$, 'TK001', null, 'nor nothing');

-- The vault.
select is(tests.put(tests.item('a', 1), tests.item('b', 1)), 2, 'items are stored');
select is(tests.put(tests.item('a', 1), tests.item('b', 2)), 2, 'again, and in their next version');
select throws_ok($$ select tests.put(tests.item('a', 1, 1, 'b')) $$, 'TK607', null, 'not another one in the same');
select throws_ok($$ select tests.put(tests.item('a', 3)) $$, 'TK607', null, 'nor one that leaves a version out');
select tests.put(tests.item('a', 2, 7));
select throws_ok($$ select tests.put(tests.item('a', 3, 6)) $$, 'TK607', null, 'nor one of an older epoch');
select throws_ok($$ select tests.put(tests.item('c', 1), tests.item('a', 9)) $$, 'TK607', null, 'one that is refused takes the others along');
select is(jsonb_array_length(public.vault_items_since()), 2, 'items are read');
select is(
  jsonb_array_length(public.vault_items_since((public.vault_items_since() #>> '{0,at}')::timestamptz)), 1, 'from a time on'
);
select throws_ok($$ select public.put_vault_items('["AA"]') $$, 'TK001', null, 'rubbish is no item');
select throws_ok($$ select public.put_vault_items('"x"') $$, 'TK001', null, 'and a text no list');
select is(public.put_vault_items(null), 0, 'nothing stores nothing');
select tests.act_as('eve');
select is(public.vault_items_since() || public.my_backup(), '[]', 'eve reads none of it');

select * from finish();
rollback;
