/** The plan of every hot query, among many rows of others. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCrowd, crowd } from "./support/crowd.ts";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person, queryAs } from "./support/people.ts";
import { planOf } from "./support/plan.ts";

let database: Database;
let client: pg.Client;
let ada: Person;

beforeAll(async () => {
  database = await openDatabase();
  ({ ada } = await createPeople(database.admin, "ada"));
  await createCrowd(database.admin, ada);
  client = new pg.Client(database.url("authenticator"));
  await client.connect();
  // Filling takes seconds, more on a busy machine.
}, 180_000);

afterAll(async () => {
  await client.end();
  await database.close();
});

interface Query {
  sql: string;
  /** The index that serves it. */
  index: string;
  /** Most pages that it may touch; a page of 20 rows and who asks are 20 + 3 × 4 and some for the index. */
  buffers?: number;
}

/** The two ends of a list along an index, as the SDK asks for them. */
function ends(
  table: string,
  column: string,
  index: string,
  options: { desc?: boolean; where?: string } = {},
) {
  const { desc = false, where = "deleted_at is null" } = options;
  const [way, at, beyond] = desc ? ["desc", "<=", "<"] : ["asc", ">=", ">"];
  const order = `order by ${column} ${way}, id ${way} limit 21`;
  const last = `(select ${column} from public.${table} where ${where} order by ${column} ${desc ? "asc" : "desc"} offset 20 limit 1)`;
  return {
    first: { sql: `select * from public.${table} where ${where} ${order}`, index },
    last: {
      cursor: last,
      sql: `select * from public.${table} where ${where} and ${column} ${at} $1
        and (${column} ${beyond} $1 or (${column} = $1 and id ${beyond} '00000000-0000-4000-8000-000000000000')) ${order}`,
      index,
    },
  };
}

const lists = {
  "tasks in their own order": ends("tasks", "position", "tasks_owner_position_idx"),
  "newest tasks": ends("tasks", "created_at", "tasks_owner_created_idx", { desc: true }),
  "tasks changed lately": ends("tasks", "updated_at", "tasks_owner_updated_idx", { desc: true }),
  "tasks by deadline": ends("tasks", "due_sort", "tasks_owner_due_idx"),
  "tasks by priority": ends("tasks", "priority", "tasks_owner_priority_idx", { desc: true }),
  "goals in their own order": ends("goals", "position", "goals_owner_position_idx"),
  "newest goals": ends("goals", "created_at", "goals_owner_created_idx", { desc: true }),
  "goals changed lately": ends("goals", "updated_at", "goals_owner_updated_idx", { desc: true }),
  "goals by deadline": ends("goals", "due_sort", "goals_owner_due_idx"),
  "goals by priority": ends("goals", "priority", "goals_owner_priority_idx", { desc: true }),
  "the feed": ends("activities", "created_at", "activities_user_created_idx", { desc: true, where: "true" }),
};

describe.each(Object.entries(lists))("%s", (_name, { first, last }) => {
  it("the first page reads its rows from the index", async () => {
    await expectGood({ ...first, buffers: 60 });
  });

  it("the last page does, too, and drops no row but those at its edge", async () => {
    const { rows } = await database.admin.query<{ value: unknown }>(
      `select ${last.cursor.replace("where", `where ${first.sql.includes("activities") ? "user_id" : "owner_id"} = '${ada.id}' and`)} as value`,
    );
    // Rows of one priority, and rows without a deadline, share the edge of their page; other orders are unique.
    const shared = /priority|due_sort/.test(last.sql);
    await expectGood(shared ? last : { ...last, buffers: 60 }, [rows[0]?.value]);
  });
});

const task = "md5('task77')::uuid";
const goal = "md5('goal3')::uuid";
const queries: Record<string, Query> = {
  "a goal's tasks": {
    sql: `select * from public.tasks where deleted_at is null and goal_id = ${goal} order by position, id limit 21`,
    index: "tasks_owner_goal_idx",
    buffers: 60,
  },
  "a task's subtasks": {
    sql: `select * from public.tasks where deleted_at is null and parent_id = ${task} order by position, id`,
    index: "tasks_parent_position_idx",
    buffers: 30,
  },
  "overdue tasks": {
    sql: `select * from public.tasks where deleted_at is null and due_sort < now() and not status in ('done', 'cancelled')
      order by due_sort, id limit 21`,
    index: "tasks_owner_due_idx",
    buffers: 60,
  },
  "tasks due today": {
    sql: `select * from public.tasks where deleted_at is null and due_sort >= date_trunc('day', now()) and due_sort < date_trunc('day', now()) + interval '1 day'
      order by due_sort, id limit 21`,
    index: "tasks_owner_due_idx",
    buffers: 60,
  },
  "one task": { sql: `select * from public.tasks where id = ${task}`, index: "tasks_pkey", buffers: 30 },
  "one goal": { sql: `select * from public.goals where id = ${goal}`, index: "goals_pkey", buffers: 30 },
  "one's profile": {
    sql: "select * from public.profiles where id = (select auth.uid())",
    index: "profiles_pkey",
    buffers: 60,
  },
  "the history of one task": {
    sql: `select * from public.activities where entity_id = ${task} order by created_at desc, id desc limit 21`,
    index: "activities_entity_created_idx",
    buffers: 30,
  },
  "the trash": {
    sql: "select * from public.tasks where deleted_at is not null order by position, id limit 21",
    index: "tasks_owner_deleted_idx",
  },
};

it.each(Object.entries(queries))("%s", async (_name, query) => {
  await expectGood(query);
});

describe("filters that no index may serve under a policy read the owner's rows and no others", () => {
  it.each([
    ["tags", "tags @> '{t7}'"],
    ["custom fields", `custom @> '{"k": 7}'`],
    ["words", "search @@ websearch_to_tsquery('public.trackit', 'word7')"],
  ])("%s", async (_name, condition) => {
    const plan = await planOf(
      client,
      ada,
      `select * from public.tasks where deleted_at is null and ${condition}`,
    );
    expect(plan.scans, plan.text).not.toContain("Seq Scan on tasks");
    expect(plan.rowsRead, plan.text).toBeLessThanOrEqual(crowd.own);
    expect([plan.initPlans, plan.subPlans]).toEqual([2, 0]);
  });
});

describe("search", () => {
  it.each([
    [
      "tasks by words",
      "tasks",
      "tasks_search_idx",
      "search @@ websearch_to_tsquery('public.trackit', 'word7')",
    ],
    ["tasks by tag", "tasks", "tasks_tags_idx", "tags @> '{t7}'"],
    ["tasks by custom fields", "tasks", "tasks_custom_idx", `custom @> '{"k": 7}'`],
    ["goals by words", "goals", "goals_search_idx", "search @@ websearch_to_tsquery('public.trackit', '77')"],
    ["goals by custom fields", "goals", "goals_custom_idx", `custom @> '{"k": 7}'`],
  ])("private.hits finds %s through %s' %s", async (_name, table, index, condition) => {
    const { rows } = await database.admin.query<{ "QUERY PLAN": string }>(
      `explain select coalesce(array_agg(id), '{}') from public.${table} where owner_id = '${ada.id}' and ${condition}`,
    );
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain(index);
  });

  it("a rare word costs what its rows cost, among 20,000 of one's own", async () => {
    const plan = await planOf(
      client,
      ada,
      "select * from public.find_tasks('word7') where deleted_at is null limit 21",
    );
    expect(plan.buffers, plan.text).toBeLessThan(800);
  });

  it("a word that is nowhere costs next to nothing", async () => {
    const plan = await planOf(client, ada, "select * from public.find_tasks('nowhere')");
    expect(plan.buffers, plan.text).toBeLessThan(60);
  });
});

describe("what triggers and definers ask", () => {
  it.each([
    [
      "whether a title is taken",
      "goals_owner_title_open_key",
      `select from public.goals g where g.owner_id = 'OWNER' and private.title_key(g.title) = private.title_key('Goal 7')
       and g.status = 'open' and g.deleted_at is null and g.id <> gen_random_uuid()`,
    ],
    [
      "who has a username",
      "profiles_username_key",
      "select from public.profiles p where lower(p.username) = lower('Ada')",
    ],
    ["a goal's tasks, to take along", "tasks_goal_idx", `select from public.tasks where goal_id = ${goal}`],
    [
      "all rows of an erased account",
      "tasks_owner_created_idx",
      "select from public.tasks where owner_id = 'CROWD'",
    ],
    [
      "an erased account's goals",
      "goals_owner_created_idx",
      "select from public.goals where owner_id = 'CROWD'",
    ],
    [
      "an erased task's feed",
      "activities_entity_created_idx",
      `select from public.activities where entity_id = ${task}`,
    ],
  ])("%s comes from %s", async (_name, index, sql) => {
    const { rows } = await database.admin.query<{ crowd: string }>("select md5('crowd7')::uuid as crowd");
    const text = sql.replace("OWNER", ada.id).replace("CROWD", rows[0]?.crowd ?? "");
    const plan = await database.admin.query<{ "QUERY PLAN": string }>(`explain ${text}`);
    expect(plan.rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain(index);
  });
});

describe("writes", () => {
  it.each([
    ["an edit", `update public.tasks set title = 'edited' where id = ${task} and version = 1`],
    ["a change of status", `update public.tasks set status = 'done' where id = ${task}`],
    ["a new task", "insert into public.tasks (title) values ('new')"],
    ["a new goal", "insert into public.goals (title) values ('a new one')"],
  ])("%s touches a number of pages that does not grow with the tables", async (_name, sql) => {
    const plan = await planOf(client, ada, sql.replace("'a new one'", `'a new one ' || gen_random_uuid()`));
    expect(plan.scans, plan.text).not.toContain("Seq Scan on tasks");
    expect(plan.buffers, plan.text).toBeLessThan(400);
  });
});

describe("a change of many rows pairs old and new without comparing each with each", () => {
  it.each([
    ["an edit of 2,000 tasks", "update public.tasks set priority = 3 where position < 'd002001'"],
    [
      "2,000 tasks into another goal",
      `update public.tasks set goal_id = ${goal} where position < 'd002001' and parent_id is null`,
    ],
    [
      "100 goals deleted with their tasks",
      "update public.goals set deleted_at = now() where position < 'd000101'",
    ],
  ])("%s", async (_name, sql) => {
    const plans = await nestedPlans(sql);
    const loops = [...plans.join("\n").matchAll(/Named Tuplestore Scan .*loops=(\d+)/g)].map((match) =>
      Number(match[1]),
    );
    expect(loops.length).toBeGreaterThan(0);
    expect(Math.max(...loops), plans.join("\n")).toBeLessThanOrEqual(1);
  });
});

/** The plans of a statement of ada's and of all that its triggers run. */
async function nestedPlans(sql: string): Promise<string[]> {
  const watcher = new pg.Client(database.url("supabase_admin"));
  const plans: string[] = [];
  watcher.on("notice", ({ message = "" }) => plans.push(message));
  await watcher.connect();
  await watcher.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;
    set auto_explain.log_nested_statements = on; set auto_explain.log_level = notice`);
  try {
    await queryAs(watcher, ada, sql);
    return plans;
  } finally {
    await watcher.end();
  }
}

/** No table is read through, policies are evaluated once, the index is the one that was made for it. */
async function expectGood({ sql, index, buffers }: Query, values: unknown[] = []): Promise<void> {
  const plan = await planOf(client, ada, sql, values);
  expect(plan.scans.filter((scan) => scan.startsWith("Seq Scan"))).toEqual([]);
  expect(plan.indexes, plan.text).toContain(index);
  expect(plan.initPlans, plan.text).toBeGreaterThanOrEqual(2);
  expect(plan.subPlans, plan.text).toBe(0);
  if (buffers !== undefined) expect(plan.buffers, plan.text).toBeLessThanOrEqual(buffers);
}
