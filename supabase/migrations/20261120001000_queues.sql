-- Queues: work that is done after the request that caused it, and that must neither get lost nor be done twice.
--
-- A job is put on a queue in the transaction of its cause: both happen or neither. The worker (an edge function)
-- claims jobs for a while, does them, and takes them off. What it does not take off in time comes back, so a job
-- may be begun more than once; its effects on the database are had once, because they are written together with a
-- line in `effects`. A job that keeps failing moves to `dead_letters` and holds nobody up.
--
-- Of pgmq only create, send, send_batch, read, set_vt, archive and delete are called, which its older releases
-- have as well.

create extension if not exists pgmq;

select pgmq.create('jobs');
select pgmq.create('mail');
select pgmq.create('files');

-- Nobody reads queues but the definers below; older platforms expose the schema.
alter table pgmq.q_jobs enable row level security;
alter table pgmq.a_jobs enable row level security;
alter table pgmq.q_mail enable row level security;
alter table pgmq.a_mail enable row level security;
alter table pgmq.q_files enable row level security;
alter table pgmq.a_files enable row level security;

create type private.queue as enum ('jobs', 'mail', 'files');

insert into private.settings (name, value, about) values (
  'queues',
  '{"attempts": 12, "crashes": 30, "backoff": 10, "longest": 3600}',
  'A failing job is tried `attempts` times, after `backoff` s and then twice as long each time, `longest` at most; '
    'one that ended its worker, without a word, `crashes` times.'
);

create table private.job_keys (
  queue private.queue not null,
  key text not null,
  job_id uuid not null,
  created_at timestamptz not null default now(),
  constraint job_keys_pkey primary key (queue, key)
);

create table private.effects (
  job_id uuid not null,
  kind text not null,
  done_at timestamptz not null default now(),
  constraint effects_pkey primary key (job_id)
);

create table private.job_failures (
  job_id uuid not null,
  attempts integer not null,
  first_failed_at timestamptz not null default now(),
  last_failed_at timestamptz not null default now(),
  constraint job_failures_pkey primary key (job_id)
);

create table private.dead_letters (
  id uuid not null default gen_random_uuid(),
  queue private.queue not null,
  job_id uuid,
  kind text,
  data jsonb not null,
  reason text not null,
  attempts integer not null,
  first_failed_at timestamptz not null,
  last_failed_at timestamptz not null default now(),
  requeued_at timestamptz,
  constraint dead_letters_pkey primary key (id)
);

alter table private.job_keys enable row level security;
alter table private.effects enable row level security;
alter table private.job_failures enable row level security;
alter table private.dead_letters enable row level security;

-- Serve: the nightly clean-up, which forgets the oldest.
create index job_keys_created_idx on private.job_keys (created_at);
create index effects_done_idx on private.effects (done_at);
-- Serves: the list of what waits for its operator.
create index dead_letters_open_idx on private.dead_letters (last_failed_at desc) where requeued_at is null;

comment on table private.job_keys is 'Which job a dedupe key stands for; the same key is not queued again while its line is kept.';
comment on table private.effects is 'Jobs whose effect is in the database, written in the transaction of the effect.';
comment on table private.job_failures is 'How often a job has failed since it was queued; swept some time after the last failure.';
comment on table private.dead_letters is 'Jobs that were given up; private.requeue_dead_letter(id) gives one another chance.';
comment on column private.dead_letters.job_id is 'Null for a message that is no job at all.';
comment on column private.dead_letters.reason is 'A code of the failure, without anybody''s words or address.';

-- What a queue may carry: one flat object of ids, numbers, times and short names. Names and addresses of people stay in
-- tables that policies and erasure reach; no space and no `@` keeps them out of here.
create function private.is_ids(value jsonb) returns boolean
  language sql immutable strict parallel safe set search_path = ''
  return jsonb_typeof(value) = 'object' and octet_length(value::text) <= 2000 and not exists (
    select from jsonb_each(value) as field
    where case jsonb_typeof(field.value)
      when 'string' then field.value #>> '{}' !~ '^[A-Za-z0-9_.:+-]{1,100}$'
      else jsonb_typeof(field.value) in ('object', 'array')
    end
  );

-- Puts a job with this id on a queue; the id is what makes a repeated job recognisable.
create function private.push_job(
  queue private.queue, job uuid, kind text, data jsonb default '{}', delay integer default 0
) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if kind is null or kind !~ '^[a-z][a-z_]{0,39}$' then
    perform private.fail('TK001', 'USAGE_INVALID', 'a job has no such kind', 'kind', kind, 'lower case letters and _');
  end if;
  if not private.is_ids(data) then
    perform private.fail(
      'TK001', 'USAGE_INVALID', 'a queue carries ids and no content', 'data', null,
      'a flat object of ids, numbers, times and short names, at most 2000 bytes'
    );
  end if;
  perform pgmq.send(queue::text, jsonb_build_object('id', job, 'kind', kind, 'data', data), greatest(delay, 0));
end;
$$;

-- The call for every cause: a new job, or the one that this dedupe key already stands for. Two transactions with one
-- key at the same time wait for each other, and the second finds the first one's job.
create function private.enqueue(
  queue private.queue, kind text, payload jsonb default '{}', delay integer default 0, dedupe_key text default null
) returns uuid
  language plpgsql volatile set search_path = ''
as $$
declare
  job uuid := gen_random_uuid();
begin
  if dedupe_key is not null then
    insert into private.job_keys (queue, key, job_id) values (enqueue.queue, dedupe_key, job)
    on conflict on constraint job_keys_pkey do nothing;
    if not found then
      return (select k.job_id from private.job_keys k where k.queue = enqueue.queue and k.key = dedupe_key);
    end if;
  end if;
  perform private.push_job(queue, job, kind, payload, delay);
  return job;
end;
$$;
comment on function private.enqueue(private.queue, text, jsonb, integer, text) is
  'Queues a job in the caller''s transaction: `delay` in seconds; a known `dedupe_key` gives the job that it stands for.';

-- Gives a job up: off the queue, and onto the list. A message that is off already was finished by another worker, whose
-- claim began when this one's was over: its job has not failed.
create function private.bury_job(
  queue private.queue, message bigint, job uuid, kind text, data jsonb, reason text, attempts integer, since timestamptz
) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if not pgmq.archive(queue::text, message) then
    return;
  end if;
  insert into private.dead_letters (queue, job_id, kind, data, reason, attempts, first_failed_at)
  values (queue, job, kind, coalesce(data, '{}'), left(reason, 200), attempts, since);
  delete from private.job_failures f where f.job_id = job;
end;
$$;

-- Hands out up to `quantity` jobs that are due, hidden from others for `seconds`. One that has been handed out time and
-- again without a word of how it went ends its worker each time: it is given up here, since nobody else could.
create function private.claim_jobs(queue private.queue, quantity integer, seconds integer)
  returns table (message bigint, id uuid, kind text, data jsonb, attempt integer)
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  crashes constant integer := private.setting('queues') ->> 'crashes';
  found record;
begin
  for found in select m.msg_id, m.read_ct, m.enqueued_at, m.message as body
    from pgmq.read(queue::text, least(greatest(seconds, 1), 3600), least(greatest(quantity, 1), 1000)) m
  loop
    message := found.msg_id;
    id := case when pg_input_is_valid(found.body ->> 'id', 'uuid') then (found.body ->> 'id')::uuid end;
    kind := found.body ->> 'kind';
    data := coalesce(found.body -> 'data', '{}');
    attempt := found.read_ct;
    if id is null or kind is null then
      perform private.bury_job(queue, message, null, kind, found.body, 'malformed', attempt, found.enqueued_at);
    elsif attempt > crashes then
      perform private.bury_job(queue, message, id, kind, data, 'crashed', attempt - 1, found.enqueued_at);
      perform private.tell_failure(kind, id, 'crashed', true);
    else
      return next;
    end if;
  end loop;
end;
$$;

-- Has the effect of a job, once: `private.job_<kind>(job uuid, data jsonb)` runs in one transaction with the line in
-- `effects`. A repeated job finds the line and does nothing; two at once wait for each other on it.
create function private.perform_job(job uuid, kind text, data jsonb) returns boolean
  language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.effects (job_id, kind) values (job, perform_job.kind)
  on conflict on constraint effects_pkey do nothing;
  if not found then
    return false;
  end if;
  if to_regprocedure(format('private.%I(uuid, jsonb)', 'job_' || kind)) is null then
    perform private.fail('TK001', 'USAGE_INVALID', 'there is no such kind of job', 'kind', kind, 'private.job_<kind>');
  end if;
  execute format('select private.%I($1, $2)', 'job_' || kind) using job, data;
  return true;
end;
$$;

-- Has the effects of several jobs in one transaction, since a commit costs more than a small job. Each stands in a
-- savepoint of its own: one that fails leaves nothing and spoils nothing, and what it failed with is its answer.
create function private.perform_jobs(jobs jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  job jsonb;
  outcomes jsonb := '[]';
begin
  for job in select j.value from jsonb_array_elements(jobs) with ordinality as j (value, n) order by j.n loop
    begin
      outcomes := outcomes || jsonb_build_array(
        case
          when private.perform_job((job ->> 'id')::uuid, job ->> 'kind', job -> 'data') then 'done'
          else 'repeated'
        end
      );
    exception when others then
      outcomes := outcomes || jsonb_build_array('SQL ' || sqlstate);
    end;
  end loop;
  return outcomes;
end;
$$;

-- Takes jobs off, into the archive, which is emptied after some days.
create function private.finish_jobs(queue private.queue, messages bigint[]) returns integer
  language sql volatile security definer set search_path = ''
  return (select count(*) from pgmq.archive(queue::text, messages))::integer;

-- Seconds to wait after so many failures: twice as long each time, and spread, so that what failed together does not
-- come back together.
create function private.backoff(attempts integer) returns integer
  language sql volatile set search_path = ''
  return ceil(
    least(
      (private.setting('queues') ->> 'backoff')::numeric * 2 ^ least(attempts - 1, 20),
      (private.setting('queues') ->> 'longest')::numeric
    ) * (0.5 + random() / 2)::numeric
  )::integer;

-- Lets the owner of a kind know that a job of theirs failed, where they want to: private.failed_<kind>().
create function private.tell_failure(kind text, job uuid, reason text, dead boolean) returns void
  language plpgsql volatile set search_path = ''
as $$
begin
  if to_regprocedure(format('private.%I(uuid, text, boolean)', 'failed_' || kind)) is not null then
    execute format('select private.%I($1, $2, $3)', 'failed_' || kind) using job, reason, dead;
  end if;
end;
$$;

-- Notes a failure: the job comes back after a while, or, after too many or one that is `final`, is given up. Says which:
-- seconds to wait, null when it is dead.
create function private.fail_job(
  queue private.queue, message bigint, job uuid, kind text, data jsonb, reason text, final boolean default false
) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  failure private.job_failures;
  wait integer;
begin
  insert into private.job_failures as f (job_id, attempts) values (job, 1)
  on conflict on constraint job_failures_pkey do update set attempts = f.attempts + 1, last_failed_at = now()
  returning * into failure;
  if final or failure.attempts >= (private.setting('queues') ->> 'attempts')::integer then
    perform private.bury_job(queue, message, job, kind, data, reason, failure.attempts, failure.first_failed_at);
  else
    wait := private.backoff(failure.attempts);
    perform pgmq.set_vt(queue::text, message, wait);
  end if;
  perform private.tell_failure(kind, job, left(reason, 200), wait is null);
  return wait;
end;
$$;

-- Puts a dead letter back on its queue, under its old id: what it has done already is not done again.
create function private.requeue_dead_letter(letter uuid) returns uuid
  language plpgsql volatile set search_path = ''
as $$
declare
  found private.dead_letters;
begin
  update private.dead_letters d set requeued_at = now()
  where d.id = letter and d.requeued_at is null and d.job_id is not null
  returning * into found;
  if found.id is null then
    perform private.fail('TK001', 'USAGE_INVALID', 'there is no such dead letter', 'letter', letter::text, 'one that waits');
  end if;
  perform private.push_job(found.queue, found.job_id, found.kind, found.data);
  return found.job_id;
end;
$$;
comment on function private.requeue_dead_letter(uuid) is 'For operators: another round of attempts for a job that was given up.';

-- What the worker calls, as the service role. Whoever could claim jobs could also make them vanish.
create function public.worker_claim(queue text, quantity integer, seconds integer) returns jsonb
  language sql volatile security invoker set search_path = ''
  return (
    select coalesce(jsonb_agg(to_jsonb(j)), '[]')
    from private.claim_jobs(queue::private.queue, quantity, seconds) as j
  );
comment on function public.worker_claim(text, integer, integer) is
  'For the worker: up to `quantity` jobs, hidden from others for `seconds`, as [{message, id, kind, data, attempt}].';

create function public.worker_perform(jobs jsonb) returns jsonb
  language sql volatile security invoker set search_path = ''
  return private.perform_jobs(jobs);
comment on function public.worker_perform(jsonb) is
  'For the worker: has the effects of jobs [{id, kind, data}]; for each `done`, `repeated`, or what it failed with.';

create function public.worker_finish(queue text, messages bigint[]) returns integer
  language sql volatile security invoker set search_path = ''
  return private.finish_jobs(queue::private.queue, messages);
comment on function public.worker_finish(text, bigint[]) is 'For the worker: takes jobs off their queue; how many it took.';

create function public.worker_fail(
  queue text, message bigint, job uuid, kind text, data jsonb, reason text, final boolean default false
) returns integer
  language sql volatile security invoker set search_path = ''
  return private.fail_job(queue::private.queue, message, job, kind, data, reason, final);
comment on function public.worker_fail(text, bigint, uuid, text, jsonb, text, boolean) is
  'For the worker: notes a failure; seconds until the job comes back, null when it was given up.';

grant execute on function
  private.claim_jobs(private.queue, integer, integer), public.worker_claim(text, integer, integer),
  private.perform_jobs(jsonb), public.worker_perform(jsonb),
  private.finish_jobs(private.queue, bigint[]), public.worker_finish(text, bigint[]),
  private.fail_job(private.queue, bigint, uuid, text, jsonb, text, boolean),
  public.worker_fail(text, bigint, uuid, text, jsonb, text, boolean)
  to service_role;
-- Not granted to anyone: enqueue. Causes are triggers and definers; a caller who may cause may not choose the job.
