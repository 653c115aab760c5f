-- Limits: how many things of a kind an account may hold. A default per plan, an override per user. Checked by
-- triggers of the tables that are limited, exactly, however many requests arrive at once, and at the same cost
-- however many things are held: what an account holds is counted once, not with every request.

-- `bytes` is what an account stores, counted with its files; the others are rows of the table of that name.
create type public.limit_kind as enum ('goals', 'tasks', 'files', 'folders', 'bytes');

create table public.limits (
  id uuid not null default gen_random_uuid(),
  kind public.limit_kind not null,
  plan public.plain_line,
  user_id uuid,
  max bigint not null,
  constraint limits_pkey primary key (id),
  constraint limits_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint limits_max_range check (max >= 0),
  -- A row speaks for a plan or for one user.
  constraint limits_one_scope check (num_nonnulls(plan, user_id) = 1),
  constraint limits_plan_key unique (plan, kind),
  constraint limits_user_key unique (user_id, kind)
);

-- What an account holds, kept by the triggers below. The row is also the lock: who adds, waits for whoever else is
-- adding for the same owner, and then sees their sum.
create table private.holdings (
  owner_id uuid not null,
  kind public.limit_kind not null,
  held bigint not null,
  constraint holdings_pkey primary key (owner_id, kind),
  constraint holdings_owner_id_fkey foreign key (owner_id) references public.profiles (id) on delete cascade,
  constraint holdings_held_range check (held >= 0)
) with (fillfactor = 50);

alter table public.limits enable row level security;
alter table private.holdings enable row level security;

insert into public.limits (plan, kind, max) values
  ('free', 'goals', 1000), ('free', 'tasks', 20000),
  ('free', 'files', 20000), ('free', 'folders', 2000), ('free', 'bytes', 10737418240);

-- The limit that holds for a user: their own, else their plan's, else none at all.
create function private.limit_of(owner uuid, wanted public.limit_kind) returns bigint
  language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(
    (select l.max from public.limits l where l.user_id = owner and l.kind = wanted),
    (
      select l.max from public.limits l join public.profiles p on p.plan = l.plan
      where p.id = owner and l.kind = wanted
    ),
    -- The largest number that every client can hold exactly.
    9007199254740991
  );
end;
$$;

comment on table public.limits is 'The most rows of a kind that a plan or, before it, one user may hold.';
comment on column public.limits.plan is 'As in profiles.plan; null on a row for one user.';
comment on column public.limits.user_id is 'Set on a row that overrides the plan for one user.';
comment on table private.holdings is 'How many rows of a kind an account holds, deleted ones not counted.';

create policy limits_live on public.limits as restrictive for all to public
  using ((select private.is_live()));

-- People see what plans allow and what applies to themselves; administrators see all.
create policy limits_select on public.limits for select to authenticated
  using (
    user_id = (select auth.uid()) or user_id is null or (select private.has_role('admin'))
  );

grant select on public.limits to authenticated;
grant select, insert, update, delete on public.limits to service_role;
-- Not granted to users: any write.

-- Counts what a statement has added, brought back, deleted or erased, and refuses it where it puts an owner beyond
-- the limit. Owners in one order, against deadlocks. A kind bears the name of its table.
create function private.check_limits() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  wanted constant public.limit_kind := tg_table_name;
  owners uuid[];
  changes integer[];
  total bigint;
  allowed bigint;
begin
  if tg_op = 'INSERT' then
    select array_agg(c.owner_id), array_agg(c.n) into owners, changes from (
      select owner_id, count(*) as n from added where deleted_at is null group by owner_id order by owner_id
    ) c;
  elsif tg_op = 'DELETE' then
    select array_agg(c.owner_id), array_agg(c.n) into owners, changes from (
      select owner_id, -count(*) as n from removed where deleted_at is null group by owner_id order by owner_id
    ) c;
  else
    select array_agg(c.owner_id), array_agg(c.n) into owners, changes from (
      select owner_id, sum(n) as n from (
        select owner_id, -1 as n from removed where deleted_at is null
        union all
        select owner_id, 1 from added where deleted_at is null
      ) both_sides
      group by owner_id having sum(n) <> 0 order by owner_id
    ) c;
  end if;
  for i in 1 .. coalesce(cardinality(owners), 0) loop
    if changes[i] < 0 then
      -- No insert: an account that is being erased has no row any more. And never an error: giving up must succeed.
      update private.holdings h set held = greatest(h.held + changes[i], 0)
      where h.owner_id = owners[i] and h.kind = wanted;
      continue;
    end if;
    insert into private.holdings as h (owner_id, kind, held) values (owners[i], wanted, changes[i])
    on conflict on constraint holdings_pkey do update set held = h.held + excluded.held
    returning h.held into total;
    allowed := private.limit_of(owners[i], wanted);
    if total > allowed then
      perform private.fail(
        case wanted when 'goals' then 'TK201' when 'tasks' then 'TK202' when 'files' then 'TK203' else 'TK204' end,
        'LIMIT_' || upper(wanted::text),
        format('the account may hold %s %s, and this would make %s', allowed, wanted, total),
        wanted::text, total::text, format('at most %s %s', allowed, wanted),
        format('delete %s that are no longer needed', wanted)
      );
    end if;
  end loop;
  return null;
end;
$$;
comment on function private.check_limits() is
  'For a table of public.limit_kind: after insert, update and delete, with transition tables added and removed.';

create function private.my_limits() returns table (kind text, max bigint, used bigint)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_live();
  return query
    select k.kind::text, private.limit_of(auth.uid(), k.kind), coalesce(h.held, 0)
    from unnest(enum_range(null::public.limit_kind)) as k (kind)
      left join private.holdings h on h.owner_id = auth.uid() and h.kind = k.kind;
end;
$$;
grant execute on function private.my_limits() to authenticated;

create function public.my_limits() returns table (kind text, max bigint, used bigint)
  language sql stable set search_path = ''
  begin atomic
    select l.kind, l.max, l.used from private.my_limits() l;
  end;
comment on function public.my_limits() is 'What the caller may hold of each kind, and holds now.';
grant execute on function public.my_limits() to authenticated;
