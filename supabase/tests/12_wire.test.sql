-- Wire: bytes as texts, numbers and hashes.
begin;
\ir people.psql
select plan(17);

select is(private.to_base64url('\xfffefd'), '__79', 'bytes become base64url');
select is(private.to_base64url('\xff'), '_w', 'without padding');
select is(private.from_base64url('_w', 'x', 1), '\xff'::bytea, 'and are read back');
select is(private.from_base64url(null, 'x', 1), null, 'none are none');
select is(private.from_base64url('', 'x', 1), ''::bytea, 'an empty text is no bytes');
select throws_ok($$ select private.from_base64url('_x', 'x', 1) $$, 'TK001', null, 'another text of the same bytes is refused');
select throws_ok($$ select private.from_base64url('_w==', 'x', 1) $$, 'TK001', null, 'and padding');
select throws_ok($$ select private.from_base64url('/w', 'x', 1) $$, 'TK001', null, 'and the other alphabet');
select throws_ok($$ select private.from_base64url('A', 'x', 1) $$, 'TK001', null, 'and what is no whole byte');
select throws_ok($$ select private.from_base64url(repeat('A', 12), 'x', 3) $$, 'TK001', null, 'and what is too long');
select is(private.from_base64url(private.to_base64url(decode(repeat('a7', 200), 'hex')), 'x', 200), decode(repeat('a7', 200), 'hex'), 'long bytes in one line');
select is(private.number_at('\x00000102', 1, 3), 258::bigint, 'numbers are big-endian, places count from 0');
select is(private.number_at('\x001fffffffffffff', 0, 8), 9007199254740991, 'up to 2^53 - 1');
select throws_ok($$ select private.number_at('\x0020000000000000', 0, 8) $$, 'TK001', null, 'and no further');
select throws_ok($$ select private.number_at('\xffffffffffffffff', 0, 8) $$, 'TK001', null, 'nor below zero');
select throws_ok($$ select private.bytes_list('{"a": 1}', 'x', 3, 10) $$, 'TK001', null, 'a list is a list');
select is(
  private.tagged_hash('device-id', '\x00'), sha256('trackit/1/device-id'::bytea || '\x0000'::bytea), 'a hash has its tag in front'
);

select * from finish();
rollback;
