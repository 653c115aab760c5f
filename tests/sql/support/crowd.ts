import type pg from "pg";
import type { Person } from "./people.ts";

/** How many rows the plans are judged with. */
export const crowd = { own: 20_000, others: 60_000, people: 300, goals: 900 } as const;

/**
 * Fills the tables as after years of use: one person with many rows among many people with some. Triggers are off,
 * since what they would keep is not looked at here.
 */
export async function createCrowd(admin: pg.Client, owner: Person): Promise<void> {
  await admin.query("update private.settings set value = 'null'");
  await admin.query(
    `insert into auth.users (id, raw_user_meta_data)
     select md5('crowd' || n)::uuid, jsonb_build_object('username', 'crowd' || n) from generate_series(0, $1 - 1) n`,
    [crowd.people],
  );
  await admin.query("set session_replication_role = replica");
  const indexes = await dropIndexes(admin);
  await admin.query(
    `insert into public.goals (id, owner_id, title, position, custom, due_at, created_at, updated_at)
     select md5('goal' || n)::uuid, ${ownerOf("$2")}, 'goal ' || n, ${position}, jsonb_build_object('k', n % 200),
       ${dueAt}, ${past}, ${past} from generate_series(1, $2 + 20000) n`,
    [owner.id, crowd.goals],
  );
  await admin.query(
    `insert into public.tasks
       (id, owner_id, goal_id, parent_id, title, tags, position, custom, due_at, created_at, updated_at, priority, deleted_at)
     select md5('task' || n)::uuid, ${ownerOf("$2")}, md5('goal' || (n / 40 + 1))::uuid,
       case when n % 5 = 0 then md5('task' || (n - 1))::uuid end, 'task ' || n || ' word' || n % 500,
       array['t' || n % 400], ${position}, jsonb_build_object('k', n % 800), ${dueAt}, ${past}, ${past}, n % 4,
       case when n % 50 = 0 then now() end
     from generate_series(1, $2 + $3::integer) n`,
    [owner.id, crowd.own, crowd.others],
  );
  await admin.query(
    `insert into public.activities (user_id, kind, entity, entity_id, created_at)
     select ${ownerOf("$2")}, 'task.created', 'task', md5('task' || n)::uuid, ${past}
     from generate_series(1, $2 + $3::integer) n`,
    [owner.id, crowd.own, crowd.others],
  );
  await admin.query(
    `update public.goals g set tasks_total = t.n
     from (select goal_id, count(*) as n from public.tasks where deleted_at is null group by 1) t where t.goal_id = g.id`,
  );
  await admin.query("set session_replication_role = origin");
  for (const index of indexes) await admin.query(index);
  await admin.query(
    "vacuum analyze public.goals, public.tasks, public.activities, public.profiles, auth.users",
  );
}

// Filling first and indexing then takes half the time.
async function dropIndexes(admin: pg.Client): Promise<string[]> {
  const { rows } = await admin.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid in ('public.tasks'::regclass, 'public.activities'::regclass)
       and not exists (select from pg_constraint where conindid = i.indexrelid)`,
  );
  for (const { name } of rows) await admin.query(`drop index ${name}`);
  return rows.map((row) => row.definition);
}

// The first $k rows are the owner's, the others are dealt out.
const ownerOf = (own: string) =>
  `case when n <= ${own} then $1::uuid else md5('crowd' || n % ${crowd.people})::uuid end`;
const position = "'d' || lpad(n::text, 6, '0')";
const past = "now() - n * interval '1 second'";
const dueAt = "case when n % 3 = 0 then now() + (n - 10000) * interval '1 minute' end";
