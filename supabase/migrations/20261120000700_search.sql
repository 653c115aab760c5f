-- Search: goals and tasks by words, by tags and by fields of one's own, through indexes.
--
-- Why functions: under row-level security Postgres lets a caller's condition choose an index only where its
-- operator is known to tell nothing about rows that the policy hides (`leakproof`). `=`, `<` and `>` are, `@@` and
-- `@>` are not, so `tasks?search=wfts.…` reads all of the owner's rows and then drops those that do not match. It
-- gives the same rows as these functions do and is well enough for some hundreds; these stay quick with thousands.

-- Serves: private.hits (custom @> '{"colour": "teal"}').
create index goals_custom_idx on public.goals using gin (custom jsonb_path_ops);
-- Serves: private.hits (search @@ private.search_query(…)).
create index goals_search_idx on public.goals using gin (search);
-- Serves: private.hits (tags @> '{home}').
create index tasks_tags_idx on public.tasks using gin (tags);
-- Serves: private.hits (custom @> '{"shop": "market"}').
create index tasks_custom_idx on public.tasks using gin (custom jsonb_path_ops);
-- Serves: private.hits (search @@ private.search_query(…)).
create index tasks_search_idx on public.tasks using gin (search);

-- What somebody types, as a query: words, "phrases", or, -without. The last word also finds the words that it
-- begins, since whoever searches while typing has not finished it; -without stays exact.
create function private.search_query(typed text) returns tsquery
  language sql immutable set search_path = ''
  return case
    when typed ~ '[[:alnum:]]$' and websearch_to_tsquery('public.trackit', typed)::text ~ '(^|[^!])''[^'']+''$'
      then (websearch_to_tsquery('public.trackit', typed)::text || ':*')::tsquery
    else websearch_to_tsquery('public.trackit', typed)
  end;

-- The caller's own rows that match, by id. It only narrows: what is returned in the end goes through the tables'
-- policies. Planned anew for each call, since the best way depends on how rare the words are.
create function private.hits(place text, query text, tags text[], custom jsonb) returns uuid[]
  language plpgsql stable security definer set search_path = ''
as $$
declare
  found uuid[];
begin
  perform private.require_live();
  if place not in ('goals', 'tasks') then
    perform private.fail('TK001', 'USAGE_INVALID', format('%L cannot be searched', place), 'place', place, 'goals or tasks');
  end if;
  execute format('select coalesce(array_agg(id), ''{}'') from public.%I where owner_id = $1', place)
    || case when query is not null then ' and search @@ private.search_query($2)' else '' end
    || case when tags is not null then ' and tags @> $3' else '' end
    || case when custom is not null then ' and custom @> $4' else '' end
    into found using auth.uid(), query, tags, custom;
  return found;
end;
$$;
grant execute on function private.hits(text, text, text[], jsonb) to authenticated;

-- Bodies as text: `g.*` then follows the table when a later migration adds a column.
create function public.find_goals(query text default null, custom jsonb default null) returns setof public.goals
  language sql stable set search_path = ''
as $$
  select g.* from public.goals g
  where g.id = any ((select private.hits('goals', find_goals.query, null, find_goals.custom))::uuid[]);
$$;
comment on function public.find_goals(text, jsonb) is
  'The caller''s goals with these words and these fields; filter, order and cut it like the table.';

create function public.find_tasks(query text default null, tags text[] default null, custom jsonb default null)
  returns setof public.tasks
  language sql stable set search_path = ''
as $$
  select t.* from public.tasks t
  where t.id = any ((select private.hits('tasks', find_tasks.query, find_tasks.tags, find_tasks.custom))::uuid[]);
$$;
comment on function public.find_tasks(text, text[], jsonb) is
  'The caller''s tasks with these words, all of these tags and these fields; filter, order and cut it like the table.';

grant execute on function public.find_goals(text, jsonb), public.find_tasks(text, text[], jsonb) to authenticated;
