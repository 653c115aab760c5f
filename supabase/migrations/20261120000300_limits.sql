-- Limits: how many things of a kind an account may hold. A default per plan, an override per user. Checked by
-- triggers of the tables that are limited, exactly, however many requests arrive at once.

create type public.limit_kind as enum ('goals', 'tasks');

create table public.limits (
  id uuid not null default gen_random_uuid(),
  kind public.limit_kind not null,
  plan text,
  user_id uuid,
  max integer not null,
  constraint limits_pkey primary key (id),
  constraint limits_user_id_fkey foreign key (user_id) references public.profiles (id) on delete cascade,
  constraint limits_max_range check (max >= 0),
  -- A row speaks for a plan or for one user.
  constraint limits_one_scope check (num_nonnulls(plan, user_id) = 1),
  constraint limits_plan_key unique (plan, kind),
  constraint limits_user_key unique (user_id, kind)
);

alter table public.limits enable row level security;

insert into public.limits (plan, kind, max) values ('free', 'goals', 1000), ('free', 'tasks', 20000);

-- The limit that holds for a user: their own, else their plan's, else none at all.
create function private.limit_of(user_id uuid, kind public.limit_kind) returns integer
  language sql stable set search_path = ''
  return coalesce(
    (select l.max from public.limits l where l.user_id = limit_of.user_id and l.kind = limit_of.kind),
    (
      select l.max from public.limits l join public.profiles p on p.plan = l.plan
      where p.id = limit_of.user_id and l.kind = limit_of.kind
    ),
    2147483647
  );

comment on table public.limits is 'The most rows of a kind that a plan or, before it, one user may hold.';
comment on column public.limits.plan is 'As in profiles.plan; null on a row for one user.';
comment on column public.limits.user_id is 'Set on a row that overrides the plan for one user.';

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

-- What an owner holds of a kind. A kind bears the name of its table, which keeps owner_id and deleted_at.
create function private.held(owner uuid, kind public.limit_kind) returns bigint
  language plpgsql stable set search_path = ''
as $$
declare
  found bigint;
begin
  execute format('select count(*) from public.%I where owner_id = $1 and deleted_at is null', kind)
    into found using owner;
  return found;
end;
$$;

-- Refuses a statement that puts an owner beyond the limit. Runs after it, on the rows that it has added or brought
-- back. The lock makes the additions of one owner take turns until each has committed, so that every count sees
-- all that came before it; volatile, so that the count is taken after the wait.
create function private.check_limits() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  kind public.limit_kind := tg_table_name;
  owner uuid;
  owners uuid[];
  allowed integer;
  held bigint;
begin
  if tg_op = 'INSERT' then
    owners := array(select distinct a.owner_id from added a where a.deleted_at is null order by 1);
  else
    owners := array(
      select distinct a.owner_id from added a join removed r using (id)
      where a.deleted_at is null and r.deleted_at is not null order by 1
    );
  end if;
  foreach owner in array owners loop
    perform pg_advisory_xact_lock(hashtext('limit:' || kind), hashtext(owner::text));
    allowed := private.limit_of(owner, kind);
    held := private.held(owner, kind);
    if held > allowed then
      perform private.fail(
        case kind when 'goals' then 'TK201' else 'TK202' end, 'LIMIT_' || upper(kind::text),
        format('the account may hold %s %s, and this would make %s', allowed, kind, held),
        kind::text, held::text, format('at most %s %s', allowed, kind),
        format('delete %s that are no longer needed', kind)
      );
    end if;
  end loop;
  return null;
end;
$$;
comment on function private.check_limits() is
  'For a table of public.limit_kind: after insert and after update, with transition tables added and removed.';

create function private.my_limits() returns table (kind text, max integer, used integer)
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_live();
  return query
    select k.kind::text, private.limit_of(auth.uid(), k.kind), private.held(auth.uid(), k.kind)::integer
    from unnest(enum_range(null::public.limit_kind)) as k (kind);
end;
$$;
grant execute on function private.my_limits() to authenticated;

create function public.my_limits() returns table (kind text, max integer, used integer)
  language sql volatile set search_path = ''
  begin atomic
    select l.kind, l.max, l.used from private.my_limits() l;
  end;
comment on function public.my_limits() is 'What the caller may hold of each kind, and holds now.';
grant execute on function public.my_limits() to authenticated;
