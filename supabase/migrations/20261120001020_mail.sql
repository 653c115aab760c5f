-- Mail: the outbox. A mail is written in the transaction of its cause, with what the template needs and without an
-- address; the worker asks for one when its turn comes, sends it, and notes how that went. What it said goes when it is sent.
--
-- Security mail is always sent. Any other kind can be switched off, in the app or by the link in each mail.

create type private.mail_state as enum ('queued', 'sending', 'sent', 'failed', 'suppressed');

create table private.mail_templates (
  name text not null,
  kind text,
  constraint mail_templates_pkey primary key (name),
  constraint mail_templates_kind_format check (kind ~ '^[a-z]{1,20}$')
);

create table private.mails (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  template text not null,
  locale text not null,
  data jsonb not null default '{}',
  state private.mail_state not null default 'queued',
  attempts integer not null default 0,
  provider_id text,
  last_error text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  constraint mails_pkey primary key (id),
  constraint mails_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint mails_template_fkey foreign key (template) references private.mail_templates (name) on delete restrict,
  constraint mails_data_plain check (public.json_is_plain(data))
);

create table private.mail_optouts (
  user_id uuid not null,
  kind text not null,
  created_at timestamptz not null default now(),
  constraint mail_optouts_pkey primary key (user_id, kind),
  constraint mail_optouts_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade
);

alter table private.mail_templates enable row level security;
alter table private.mails enable row level security;
alter table private.mail_optouts enable row level security;

-- Serves: the cascade from profiles.
create index mails_user_idx on private.mails (user_id);
-- Serves: the foreign key from templates.
create index mails_template_idx on private.mails (template);
-- Serves: the nightly clean-up, which forgets the oldest.
create index mails_created_idx on private.mails (created_at);

comment on table private.mail_templates is 'What can be mailed; the words are in functions/worker/mail/templates.';
comment on column private.mail_templates.kind is 'What people switch off; null for security mail, which they cannot.';
comment on table private.mails is 'The outbox, and how each mail fared.';
comment on column private.mails.data is 'What the template says besides names; emptied when the mail has been sent.';
comment on column private.mails.provider_id is 'Under which the mail server or provider knows it.';
comment on column private.mails.last_error is 'A code: HTTP 503, SMTP 451.';
comment on table private.mail_optouts is 'Kinds of mail that somebody does not want.';

insert into private.mail_templates (name, kind) values
  ('task_reminder', 'reminders'),
  ('account_suspended', null),
  ('account_restored', null);

insert into private.settings (name, value, about) values (
  'mail_token_key', to_jsonb(encode(extensions.gen_random_bytes(32), 'hex')),
  'Signs the links with which people switch mail off; a new one makes all links void.'
);

-- Whether somebody takes this kind of mail.
create function private.wants_mail(user_id uuid, kind text) returns boolean
  language sql stable set search_path = ''
  return kind is null or not exists (
    select from private.mail_optouts o where o.user_id = wants_mail.user_id and o.kind = wants_mail.kind
  );

-- Writes a mail in the caller's transaction. Its id is also that of its job, and the provider's idempotency key.
create function private.send_mail(user_id uuid, template text, data jsonb default '{}') returns uuid
  language plpgsql volatile set search_path = ''
as $$
declare
  mail private.mails;
begin
  insert into private.mails as m (user_id, template, locale, data, state)
  select p.id, t.name, p.locale,
    case when w.wanted then send_mail.data else '{}' end,
    case when w.wanted then 'queued' else 'suppressed' end::private.mail_state
  from public.profiles p, private.mail_templates t, private.wants_mail(p.id, t.kind) as w (wanted)
  where p.id = send_mail.user_id and t.name = send_mail.template
  returning * into mail;
  if mail.id is null then
    perform private.fail(
      'TK001', 'USAGE_INVALID', format('%L cannot be mailed to this account', template), 'template', template,
      'a row of private.mail_templates, to an account that exists'
    );
  end if;
  if mail.state = 'queued' then
    perform private.push_job('mail', mail.id, 'mail');
  end if;
  return mail.id;
end;
$$;
comment on function private.send_mail(uuid, text, jsonb) is 'Queues a mail to an account, in its language; the mail''s id.';

-- The end of a link that switches a kind of mail off: whose, which kind, and our signature. It holds as long as the key
-- does, and needs no row.
create function private.mail_token(user_id uuid, kind text) returns text
  language sql stable set search_path = ''
  return replace(user_id::text, '-', '') || '.' || kind || '.' || encode(
    extensions.hmac(user_id::text || '.' || kind, private.setting('mail_token_key') #>> '{}', 'sha256'), 'hex'
  );

-- What the worker needs to send a mail, or null when it is not to be sent: sent already, erased, or meanwhile not wanted
-- or without an address that is its owner's. A suspended account gets security mail alone.
create function private.begin_mail(mail uuid) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  letter record;
  wanted boolean;
begin
  select m.*, t.kind, u.email, p.display_name, p.time_zone, p.status,
    u.email_confirmed_at is not null and u.deleted_at is null as proven
  into letter
  from private.mails m
    join private.mail_templates t on t.name = m.template
    join public.profiles p on p.id = m.user_id
    join auth.users u on u.id = m.user_id
  where m.id = mail and m.state in ('queued', 'sending', 'failed')
  for no key update of m;
  if not found then
    return null;
  end if;
  wanted := letter.proven and letter.email is not null and private.wants_mail(letter.user_id, letter.kind)
    and (letter.kind is null or letter.status = 'active');
  update private.mails m set
    state = case when wanted then 'sending' else 'suppressed' end::private.mail_state,
    attempts = m.attempts + wanted::integer,
    data = case when wanted then m.data else '{}' end
  where m.id = mail;
  if not wanted then
    return null;
  end if;
  return jsonb_build_object(
    'id', letter.id, 'to', letter.email, 'name', letter.display_name, 'locale', letter.locale,
    'time_zone', letter.time_zone, 'template', letter.template, 'data', letter.data,
    'token', private.mail_token(letter.user_id, letter.kind)
  );
end;
$$;

-- Whatever came of it meanwhile in another worker's hands, whose claim was over: what has gone has gone.
create function private.mail_sent(mail uuid, provider_id text) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  update private.mails m
  set state = 'sent', sent_at = now(), provider_id = left(mail_sent.provider_id, 200), last_error = null, data = '{}'
  where m.id = mail and m.attempts > 0 and m.state in ('queued', 'sending', 'failed');
  return found;
end;
$$;

-- Called by private.fail_job for jobs of kind `mail`; the job's id is the mail's.
create function private.failed_mail(job uuid, reason text, dead boolean) returns void
  language sql volatile set search_path = ''
begin atomic
  update private.mails m
  set state = case when dead then 'failed' else 'queued' end::private.mail_state, last_error = reason
  where m.id = job and m.state in ('queued', 'sending', 'failed');
end;

create function public.worker_mail_begin(mail uuid) returns jsonb
  language sql volatile security invoker set search_path = ''
  return private.begin_mail(mail);
comment on function public.worker_mail_begin(uuid) is
  'For the worker: what to send, to whom and in which language; null when the mail is not to be sent (any more).';

create function public.worker_mail_sent(mail uuid, provider_id text default null) returns boolean
  language sql volatile security invoker set search_path = ''
  return private.mail_sent(mail, provider_id);
comment on function public.worker_mail_sent(uuid, text) is 'For the worker: notes that a mail was handed over.';

grant execute on function
  private.begin_mail(uuid), public.worker_mail_begin(uuid),
  private.mail_sent(uuid, text), public.worker_mail_sent(uuid, text)
  to service_role;

-- Switches off what a token of private.mail_token names, and says which kind that was. Whoever holds the mail may do
-- it, signed in or not, and nothing else.
create function private.mail_unsubscribe(token text) returns text
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  whose uuid;
  which text;
begin
  -- The function `unsubscribe` counts by its callers' addresses; here all of them would share the function's own.
  if auth.role() is distinct from 'service_role' then
    perform private.rate_limit('mail_unsubscribe', 60, interval '1 minute');
  end if;
  if token ~ '^[0-9a-f]{32}\.[a-z]{1,20}\.[0-9a-f]{64}$' then
    whose := split_part(token, '.', 1)::uuid;
    which := split_part(token, '.', 2);
  end if;
  -- Digests are compared, so that the time it takes says nothing of how much was right.
  if whose is null or extensions.digest(token, 'sha256')
    is distinct from extensions.digest(private.mail_token(whose, which), 'sha256')
  then
    perform private.fail(
      'TK001', 'USAGE_INVALID', 'this is no link out of our mail', 'token', null, 'the whole link, as it was mailed'
    );
  end if;
  insert into private.mail_optouts (user_id, kind) select p.id, which from public.profiles p where p.id = whose
  on conflict on constraint mail_optouts_pkey do nothing;
  return which;
end;
$$;

create function public.mail_unsubscribe(token text) returns text
  language sql volatile security invoker set search_path = ''
  return private.mail_unsubscribe(token);
comment on function public.mail_unsubscribe(text) is
  'Switches a kind of mail off by the link in one of its mails; the kind. Needs no account.';

grant execute on function private.mail_unsubscribe(text), public.mail_unsubscribe(text)
  to anon, authenticated, service_role;

create function private.my_mail_preferences() returns table (kind text, wanted boolean)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_live();
  return query
    select k.kind, private.wants_mail(auth.uid(), k.kind)
    from (select distinct t.kind from private.mail_templates t where t.kind is not null) k order by k.kind;
end;
$$;

create function public.my_mail_preferences() returns table (kind text, wanted boolean)
  language sql stable set search_path = ''
  begin atomic
    select m.kind, m.wanted from private.my_mail_preferences() m;
  end;
comment on function public.my_mail_preferences() is 'Which kinds of mail the caller takes; security mail is not among them.';

create function private.set_mail_preference(kind text, wanted boolean) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  if wanted is null or not exists (select from private.mail_templates t where t.kind = set_mail_preference.kind) then
    perform private.fail(
      'TK001', 'USAGE_INVALID', 'this kind of mail cannot be switched', 'kind', kind, 'a kind of my_mail_preferences()'
    );
  end if;
  if wanted then
    delete from private.mail_optouts o where o.user_id = auth.uid() and o.kind = set_mail_preference.kind;
  else
    insert into private.mail_optouts (user_id, kind) values (auth.uid(), set_mail_preference.kind)
    on conflict on constraint mail_optouts_pkey do nothing;
  end if;
  return wanted;
end;
$$;

create function public.set_mail_preference(kind text, wanted boolean) returns boolean
  language sql volatile set search_path = ''
  return private.set_mail_preference(kind, wanted);
comment on function public.set_mail_preference(text, boolean) is 'Switches a kind of mail on or off for the caller.';

grant execute on function
  private.my_mail_preferences(), public.my_mail_preferences(),
  private.set_mail_preference(text, boolean), public.set_mail_preference(text, boolean)
  to authenticated;

-- An account that is closed to its owner must not fall silent without a word.
create function private.tell_suspension() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.send_mail(new.id, case new.status when 'suspended' then 'account_suspended' else 'account_restored' end);
  return null;
end;
$$;

create trigger tell_suspension after update of status on public.profiles
  for each row when (old.status is distinct from new.status)
  execute function private.tell_suspension();
