-- The outbox: mails go once, in their reader's language, and only to whom wants them.
begin;
\ir people.psql
select plan(33);

select tests.sign_up('ada');
select tests.sign_up('ben', '{"locale": "pt-PT", "time_zone": "Europe/Lisbon"}');
create function tests.mail(name text, template text default 'task_reminder') returns uuid
  language sql as $$ select private.send_mail(tests.id(name), template, '{"title": "Buy shoes"}') $$;
create function tests.state(mail uuid) returns text
  language sql security definer as $$ select state::text from private.mails where id = mail $$;
create temporary table mails (name text primary key, id uuid);
insert into mails values ('ada', tests.mail('ada')), ('ben', tests.mail('ben'));
grant select on mails to service_role;
create function tests.id_of(mail text) returns uuid
  language sql as $$ select id from mails where name = mail $$;

select is((select locale from private.mails where id = tests.id_of('ben')), 'pt-PT', 'a mail is in its reader''s language');
select is((select message from pgmq.q_mail order by msg_id limit 1),
  jsonb_build_object('id', tests.id_of('ada'), 'kind', 'mail', 'data', '{}'::jsonb), 'its job names it and says nothing of it');
select throws_ok($$ select tests.mail('nobody') $$, 'TK001', null, 'nobody cannot be mailed to');
select throws_ok($$ select tests.mail('ada', 'unheard_of') $$, 'TK001', null, 'nor can what has no template');

set local role service_role;
create temporary table begun as select public.worker_mail_begin(tests.id_of('ada')) as letter;
select is((select letter ->> 'to' from begun), 'ada@example.test', 'the worker is told the address');
select is((select letter -> 'data' ->> 'title' from begun), 'Buy shoes', 'and what to say');
select is(tests.state(tests.id_of('ada')), 'sending', 'and then it is under way');
select is(public.worker_mail_begin(tests.id_of('ada')), (select letter from begun), 'begun again after a crash, it is the same');
select is(public.worker_mail_sent(tests.id_of('ada'), 'provider-1'), true, 'sent is noted');
select is(public.worker_mail_begin(tests.id_of('ada')), null, 'and it is not sent again');
select is(public.worker_mail_sent(tests.id_of('ada'), 'provider-2'), false, 'nor noted again');
select is(public.worker_mail_begin(gen_random_uuid()), null, 'what was erased is not sent');
reset role;
select results_eq(
  $$ select state::text, provider_id, data, attempts, sent_at is not null from private.mails where id = tests.id_of('ada') $$,
  $$ values ('sent', 'provider-1', '{}'::jsonb, 2, true) $$, 'what it said is gone when it is sent'
);

-- A failure.
select private.begin_mail(tests.id_of('ben'));
select private.fail_job('mail', 0, tests.id_of('ben'), 'mail', '{}', 'SMTP 451');
select is((select state || ' ' || last_error from private.mails where id = tests.id_of('ben')), 'queued SMTP 451', 'a mail that failed waits');
select private.fail_job('mail', 0, tests.id_of('ben'), 'mail', '{}', 'SMTP 550', true);
select is(tests.state(tests.id_of('ben')), 'failed', 'one that failed for good has failed');

-- Not wanted.
select tests.act_as('ada');
select results_eq($$ select kind, wanted from public.my_mail_preferences() $$, $$ values ('reminders', true) $$, 'ada takes reminders');
select is(public.set_mail_preference('reminders', false), false, 'until she switches them off');
select results_eq($$ select kind, wanted from public.my_mail_preferences() $$, $$ values ('reminders', false) $$, 'which she then sees');
select throws_ok($$ select public.set_mail_preference('security', false) $$, 'TK001', null, 'security mail cannot be switched');
select tests.act_as_owner();
select is(tests.state(tests.mail('ada')), 'suppressed', 'and gets none any more');
select is((select data from private.mails where state = 'suppressed'), '{}', 'and what it would have said is not kept');
select is(tests.state(tests.mail('ada', 'account_suspended')), 'queued', 'security mail goes all the same');
select tests.act_as('ada');
select is(public.set_mail_preference('reminders', true), true, 'she may change her mind');
select tests.act_as_owner();
insert into mails values ('later', tests.mail('ada'));
insert into private.mail_optouts (user_id, kind) values (tests.id('ada'), 'reminders');
select is(private.begin_mail(tests.id_of('later')), null, 'a mail that is not wanted any more is not sent');

-- By link.
select tests.act_as(null);
select throws_ok(
  $$ select public.mail_unsubscribe('00000000000000000000000000000000.reminders.' || repeat('0', 64)) $$, 'TK001', null,
  'a made-up link is refused'
);
select tests.act_as_owner();
create temporary table tokens as select private.mail_token(tests.id('ben'), 'reminders') as token;
grant select on tokens to anon;
select tests.act_as(null);
select throws_ok(
  $$ select public.mail_unsubscribe(overlay(token placing replace(tests.id('ada')::text, '-', '') from 1 for 32)) from tokens $$,
  'TK001', null, 'ben''s link does nothing to ada'
);
select throws_ok(
  $$ select public.mail_unsubscribe(replace(token, 'reminders', 'digest')) from tokens $$, 'TK001', null, 'nor to another kind'
);
select is((select public.mail_unsubscribe(token) from tokens), 'reminders', 'his own needs no account');
select is((select public.mail_unsubscribe(token) from tokens), 'reminders', 'and may be followed twice');
select tests.act_as_owner();
select is(tests.state(tests.mail('ben')), 'suppressed', 'ben gets none any more');
select is(private.mail_token(tests.id('ben'), null), null, 'for security mail there is no such link');

-- Suspended.
delete from private.mail_optouts;
insert into mails values ('closed', tests.mail('ben'));
update public.profiles set status = 'suspended' where id = tests.id('ben');
select is(private.begin_mail(tests.id_of('closed')), null, 'a suspended account gets no reminders');
select isnt(
  (select private.begin_mail(id) from private.mails where template = 'account_suspended' and user_id = tests.id('ben')), null,
  'but is told that it is suspended'
);

select * from finish();
rollback;
