-- A goal and its tasks in one call: a client has no transactions, and half a plan is worse than none.

-- Refuses a key that no column answers to, which a spelling mistake would otherwise lose in silence.
create function private.refuse_unknown_keys(given jsonb, known text[], place text) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  unknown text := (select k from jsonb_object_keys(given) as k where k <> all (known) order by k limit 1);
begin
  if unknown is not null then
    perform private.fail(
      'TK007', 'USAGE_UNKNOWN_FIELD', format('%s has no field %L', place, left(unknown, 60)),
      place || '.' || unknown, null, 'one of ' || array_to_string(known, ', ')
    );
  end if;
end;
$$;
grant execute on function private.refuse_unknown_keys(jsonb, text[], text) to authenticated, service_role;

-- Refuses what goal_create cannot read, with the place of the fault.
create function private.check_goal_create(goal jsonb, tasks jsonb) returns void
  language plpgsql volatile set search_path = ''
as $$
declare
  most constant integer := 500;
  goal_fields constant text[] :=
    '{id,title,description,status,priority,colour,icon,starts_on,due_at,position,custom}';
  task_fields constant text[] :=
    '{id,parent_id,title,description,status,priority,assignee_id,due_at,remind_at,rrule,tags,position,custom}';
begin
  if jsonb_typeof(goal) is distinct from 'object' then
    perform private.fail('TK001', 'USAGE_INVALID', 'goal is no object', 'goal', goal::text, 'a JSON object');
  end if;
  if jsonb_typeof(tasks) is distinct from 'array'
    or exists (select from jsonb_array_elements(tasks) as t where jsonb_typeof(t) <> 'object')
  then
    perform private.fail(
      'TK001', 'USAGE_INVALID', 'tasks is no array of objects', 'tasks', tasks::text, 'an array of objects'
    );
  end if;
  if jsonb_array_length(tasks) > most then
    perform private.fail(
      'TK006', 'LIMIT_SIZE', format('%s tasks at once are too many', jsonb_array_length(tasks)),
      'tasks', jsonb_array_length(tasks)::text, format('at most %s', most)
    );
  end if;
  perform private.refuse_unknown_keys(goal, goal_fields, 'goal');
  perform private.refuse_unknown_keys(t.item, task_fields, 'tasks.' || t.n - 1)
  from jsonb_array_elements(tasks) with ordinality as t (item, n);
end;
$$;

-- An object without its keys of value null, which stand for "not given". Not jsonb_strip_nulls(), which would strip
-- those of `custom` as well.
create function private.given_keys(item jsonb) returns jsonb
  language sql immutable set search_path = ''
  return (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(item) where value <> 'null');

-- Whether a stored row has what was given, key by key; `typed` is what was given in the database's own spelling.
create function private.holds_given(stored jsonb, given jsonb, typed jsonb) returns boolean
  language sql immutable set search_path = ''
  return not exists (
    select from jsonb_object_keys(given) as k where stored -> k is distinct from typed -> k
  );

-- A goal with its tasks, stored as one: all of it or nothing. Safe to repeat: with the id of a goal that is there
-- already nothing is stored; equal content returns what is there, other content is refused. A task without an id
-- gets one that follows from the goal's id and its place, so that a repetition finds it. Runs with the caller's
-- rights.
create function public.goal_create(goal jsonb, tasks jsonb default '[]') returns jsonb
  language plpgsql volatile set search_path = ''
as $$
declare
  made uuid;
  items jsonb;
  stored jsonb;
  stored_tasks jsonb;
begin
  perform private.require_live();
  perform private.check_goal_create(goal, tasks);
  goal := private.given_keys(goal);
  made := coalesce((goal ->> 'id')::uuid, gen_random_uuid());
  items := (
    select coalesce(jsonb_agg(
      jsonb_build_object('id', md5(made || '/' || n)::uuid) || private.given_keys(item) order by n
    ), '[]')
    from jsonb_array_elements(tasks) with ordinality as t (item, n)
  );

  insert into public.goals (
    id, title, description, status, priority, colour, icon, starts_on, due_at, position, custom
  )
  select made, g.title, coalesce(g.description, ''), coalesce(g.status, 'open'), coalesce(g.priority, 0),
    g.colour, g.icon, g.starts_on, g.due_at, coalesce(g.position, 'a0'), coalesce(g.custom, '{}')
  from jsonb_populate_record(null::public.goals, goal) as g
  on conflict (id) do nothing;
  if found then
    insert into public.tasks (
      id, goal_id, parent_id, title, description, status, priority, assignee_id, due_at, remind_at, rrule, tags,
      position, custom
    )
    select t.id, made, t.parent_id, t.title, coalesce(t.description, ''),
      coalesce(t.status, 'todo'), coalesce(t.priority, 0), t.assignee_id, t.due_at, t.remind_at, t.rrule,
      coalesce(t.tags, '{}'), coalesce(t.position, 'a0'), coalesce(t.custom, '{}')
    from jsonb_array_elements(items) with ordinality as i (item, n)
      cross join lateral jsonb_populate_record(null::public.tasks, i.item) as t
    order by i.n
    on conflict (id) do nothing;
  end if;

  stored := (select to_jsonb(g) from public.goals g where g.id = made);
  stored_tasks := (
    select coalesce(jsonb_agg(to_jsonb(t) order by i.n), '[]')
    from jsonb_array_elements(items) with ordinality as i (item, n)
      join public.tasks t on t.id = (i.item ->> 'id')::uuid and t.goal_id = made
    where private.holds_given(to_jsonb(t), i.item, to_jsonb(jsonb_populate_record(null::public.tasks, i.item)))
  );
  -- Not there for the caller: the id is somebody else's. Refused in the words for other content.
  if stored is null
    or not private.holds_given(stored, goal, to_jsonb(jsonb_populate_record(null::public.goals, goal)))
    or jsonb_array_length(stored_tasks) <> jsonb_array_length(items)
  then
    perform private.fail(
      'TK005', 'CONFLICT_ID', format('goal %s, or one of its tasks, is there already with other content', made),
      'id', made::text, 'a new id, or the content that was sent with it first'
    );
  end if;
  return jsonb_build_object('goal', stored - '{search,due_sort}'::text[], 'tasks', (
    select coalesce(jsonb_agg(t.item - '{search,due_sort}'::text[] order by t.n), '[]')
    from jsonb_array_elements(stored_tasks) with ordinality as t (item, n)
  ));
end;
$$;
comment on function public.goal_create(jsonb, jsonb) is
  'Stores a goal and its tasks in one transaction and returns {goal, tasks}; safe to repeat with the same ids.';
grant execute on function
  private.check_goal_create(jsonb, jsonb), private.given_keys(jsonb), private.holds_given(jsonb, jsonb, jsonb),
  public.goal_create(jsonb, jsonb)
  to authenticated;
