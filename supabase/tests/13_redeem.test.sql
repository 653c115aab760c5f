-- Opening links: one answer for all that is dead or wrong, exact counts, grants, and passwords that are guessed.
begin;
\ir people.psql
\ir files.psql
select plan(80);

create function tests.kinds(link text) returns text
  language sql security definer as $$
    select string_agg(e.kind, ' ' order by e.created_at, e.id) from public.share_events e where e.share_id = tests.uuid(link)
  $$;
create function tests.outcomes(link text, times integer, access text default null) returns text
  language sql security definer as $$
    select string_agg(tests.redeem(link, null, access) ->> 'outcome', ' ') from generate_series(1, times)
  $$;
create table tests.told (what text primary key, said jsonb);
grant all on tests.told to public;

select tests.sign_up(n) from unnest(array['ada', 'ben']) n;
select tests.upload('ada', f) from unnest(array['f', 'gone', 'versions']) f;
select tests.link('open', 'f'), tests.link('secret', 'f', true), tests.link('twice', 'f', max_downloads := 2),
  tests.link('over', 'f', expires_at := now() + interval '1 hour'), tests.link('revoked', 'f'), tests.link('trashed', 'gone'),
  tests.link('old', 'versions'), tests.link('last', 'f', max_downloads := 1), tests.link('again', 'f'), tests.link('guessed', 'f', true);
select tests.act_as('ben');
select throws_ok($$ select public.share_redeem(tests.uuid('open'), tests.token('open door')) $$, '42501', null, 'nobody opens links but the function');
select throws_ok($$ select public.share_renew(tests.uuid('open'), '') $$, '42501', null, 'or renews them');
select tests.act_as_owner();

-- What opens.
insert into tests.told values ('open', tests.redeem('open', reader => 'ben'));
select is(said - '{grant,expires_at}'::text[], jsonb_build_object(
  'outcome', 'open', 'file_id', tests.uuid('f'), 'number', 1, 'path', tests.path('ada', 'f'), 'size', 5, 'encrypted', true,
  'body', tests.b64('body')
), 'a link opens with its body and where the bytes are') from tests.told;
select ok(said ->> 'grant' ~ '^[\w-]{43}$' and (said ->> 'expires_at')::timestamptz = now() + interval '24 hours', 'and a grant for a day') from tests.told;
select is((select downloads from public.shares where id = tests.uuid('open')), 1, 'it is counted');
select is((select e.actor_id from public.share_events e where e.kind = 'opened'), tests.id('ben'), 'and noted, with who it was');
select is(public.share_redeem(tests.uuid('open'), tests.token('open door')), '{"outcome": "door", "password": false}', 'the door alone tells that no password is needed');
select is(public.share_redeem(tests.uuid('secret'), tests.token('secret door')), '{"outcome": "door", "password": true}', 'or that one is');
select is((select sum(downloads) from public.shares), 1::bigint, 'without counting');

-- Grants.
select is(public.share_renew(tests.uuid('open'), said ->> 'grant') - 'expires_at', (said - '{grant,body,expires_at}'::text[]), 'a grant tells again where the bytes are') from tests.told;
select is((public.share_renew(tests.uuid('open'), said ->> 'grant') ->> 'expires_at')::timestamptz, now() + interval '24 hours', 'until the same time') from tests.told;
select is((select downloads from public.shares where id = tests.uuid('open')), 1, 'without counting');
select is(tests.kinds('open'), 'created opened renewed', 'but noted, once a minute');
select is(public.share_renew(tests.uuid('secret'), said ->> 'grant'), '{"outcome": "refused"}', 'it is for its own link') from tests.told;
select is(public.share_renew(tests.uuid('open'), tests.token('guess')), '{"outcome": "refused"}', 'and is not guessed');
select is(public.share_renew(tests.uuid('open'), bad), '{"outcome": "refused"}', 'nor is rubbish ' || coalesce(bad, 'null')) from unnest(array['', 'x', null]) bad;
update private.share_grants set expires_at = now();
select is(public.share_renew(tests.uuid('open'), said ->> 'grant'), '{"outcome": "refused"}', 'after its day it is over') from tests.told;

-- An opening whose answer was lost, asked for again.
insert into tests.told values ('last', tests.redeem('last', nonce => 'n'));
select is(tests.redeem('last', nonce => 'n'), said, 'it is told again, also the last that there was') from tests.told where what = 'last';
select is(tests.redeem('last', nonce => 'other'), '{"outcome": "refused"}', 'another one is refused');
select is(tests.redeem('last', door => 'wrong', nonce => 'n'), '{"outcome": "refused"}', 'and so is a wrong door, in spite of the nonce');
select is(tests.redeem('last', access => 'wrong', nonce => 'n'), '{"outcome": "refused"}', 'or a wrong password');
select is(public.share_redeem(tests.uuid('last'), tests.token('last door'), null, null, tests.nonce('n')), '{"outcome": "refused"}', 'or the door alone');
select is((select downloads from public.shares where id = tests.uuid('last')), 1, 'it was counted once');
select is(tests.kinds('last'), 'created opened refused', 'and noted once');
update private.share_grants set opened_at = now() - interval '61 s' where share_id = tests.uuid('last');
select is(tests.redeem('last', nonce => 'n'), said, 'later than a minute it is another look') from tests.told where what = 'last';
select is(tests.redeem('last', nonce => 'n'), said, 'again') from tests.told where what = 'last';
select is(tests.kinds('last'), 'created opened refused renewed', 'which is noted, once a minute');
select is((select count(*) from private.share_grants where share_id = tests.uuid('last')), 1::bigint, 'it has one grant');
select is(public.share_renew(tests.uuid('last'), said ->> 'grant') ->> 'outcome', 'open', 'which renews') from tests.told where what = 'last';
select isnt(tests.redeem('again', nonce => 'n') ->> 'grant', said ->> 'grant', 'a nonce is for its own link') from tests.told where what = 'last';
select is(public.share_redeem(tests.uuid('again'), tests.token('again door'), tests.token('again access'), null, bad), '{"outcome": "refused"}', 'rubbish for a nonce: refused')
  from unnest(array['', 'x', tests.token('n'), tests.nonce('n') || '==']) bad;
select is((select downloads from public.shares where id = tests.uuid('again')), 1, 'and not counted');
update private.share_grants set expires_at = now() where share_id = tests.uuid('again');
select is(tests.redeem('again', nonce => 'n') ->> 'outcome', 'open', 'once its grant is over');
select is((select downloads from public.shares where id = tests.uuid('again')), 2, 'it is another opening');
insert into tests.told values ('guessed', tests.redeem('guessed', nonce => 'n'));
select is(tests.outcomes('guessed', 11, 'wrong'), 'password password password password password password password password password password limited', 'while a link waits');
select is(tests.redeem('guessed', access => 'wrong', nonce => 'n') ->> 'outcome', 'limited', 'a nonce lets nobody guess on');
select is(tests.redeem('guessed', nonce => 'n'), said, 'but who has opened it is told again') from tests.told where what = 'guessed';
update public.shares set expires_at = now() where id = tests.uuid('again');
select is(tests.redeem('again', nonce => 'n'), '{"outcome": "refused"}', 'over is over');
select tests.act_as('ada');
select public.revoke_share(tests.uuid('guessed'));
select tests.act_as_owner();
select is(tests.redeem('guessed', nonce => 'n'), '{"outcome": "refused"}', 'and revoked is revoked');
delete from tests.told where what <> 'open';

-- Dead links: one answer.
select is(tests.outcomes('twice', 3), 'open open refused', 'as often as it may');
select is((select downloads from public.shares where id = tests.uuid('twice')), 2, 'exactly');
update public.shares set expires_at = now() where id = tests.uuid('over');
insert into tests.told values ('revoked', tests.redeem('revoked')), ('trashed', tests.redeem('trashed'));
select tests.act_as('ada');
select public.revoke_share(tests.uuid('revoked'));
select public.change_file(tests.uuid('gone'), '{"trashed": true}');
select tests.act_as_owner();
select is(public.share_renew(tests.uuid('revoked'), said ->> 'grant'), '{"outcome": "refused"}', 'a grant ends when its link is revoked') from tests.told where what = 'revoked';
select is(public.share_renew(tests.uuid('trashed'), said ->> 'grant'), '{"outcome": "refused"}', 'and when the file is deleted') from tests.told where what = 'trashed';
select is(tests.redeem(l), '{"outcome": "refused"}', l || ': refused')
  from unnest(array['over', 'revoked', 'trashed', 'twice', 'there is none']) l;
select is(public.share_redeem(tests.uuid(l), tests.token(l || ' door')), '{"outcome": "refused"}', l || ', by its door: refused')
  from unnest(array['over', 'revoked', 'trashed', 'twice', 'there is none']) l;
select is(tests.redeem('over', access => 'wrong'), '{"outcome": "refused"}', 'over, with a wrong password: refused');
select is(tests.redeem('open', door => 'wrong'), '{"outcome": "refused"}', 'a wrong door: refused, whatever the rest');
select is(public.share_redeem(tests.uuid('open'), bad, tests.token('open access')), '{"outcome": "refused"}', 'rubbish for a door: refused')
  from unnest(array['', null, tests.token('open door') || '=']) bad;
select is(public.share_redeem(tests.uuid('open'), tests.token('open door'), 'x'), '{"outcome": "refused"}', 'rubbish for an access token: refused');
update public.profiles set status = 'suspended' where id = tests.id('ada');
select is(tests.redeem('open'), '{"outcome": "refused"}', 'a suspended owner''s: refused');
update public.profiles set status = 'active' where id = tests.id('ada');
select is(tests.redeem('open') ->> 'outcome', 'open', 'restored, it opens again');
select tests.upload_version('ada', 'versions', 'w' || n) from generate_series(2, 12) n;
select tests.act_as_owner();
select is(tests.redeem('old'), '{"outcome": "refused"}', 'a version that is not kept any more: refused');
select is(tests.kinds('twice'), 'created opened opened refused', 'what was refused to whoever has the link is noted, once a minute');
select is(tests.kinds('revoked'), 'created opened revoked', 'unless it was revoked');

-- Passwords.
select is(tests.redeem('secret', access => 'wrong'), '{"outcome": "password"}', 'a wrong password is told to whoever has the link');
select is(tests.outcomes('secret', 10, 'wrong'), 'password password password password password password password password password limited', 'ten of them, then it waits');
select is(tests.redeem('secret') ->> 'outcome', 'limited', 'for the right one, too');
select ok((tests.redeem('secret') ->> 'retry_after')::integer between 1 and 360, 'six minutes at most');
select is(tests.redeem('secret', door => 'wrong'), '{"outcome": "refused"}', 'a stranger is not told so');
select is(public.share_redeem(tests.uuid('secret'), tests.token('secret door')) ->> 'outcome', 'door', 'the door goes on telling');
update private.share_secrets set missed_at = missed_at - interval '6 minutes' where share_id = tests.uuid('secret');
select is(tests.outcomes('secret', 2, 'wrong'), 'password limited', 'after six minutes there is another try');
update private.share_secrets set missed_at = missed_at - interval '1 year' where share_id = tests.uuid('secret');
select is(tests.redeem('secret') ->> 'outcome', 'open', 'and it is never locked for good');
select is(tests.outcomes('secret', 11, 'wrong'), 'password password password password password password password password password password limited', 'forgotten is forgotten, and no credit');
select is((select downloads from public.shares where id = tests.uuid('secret')), 1, 'wrong ones are not counted');
select is(tests.outcomes('open', 1), 'open', 'nor is another link held up');

select * from finish();
rollback;
