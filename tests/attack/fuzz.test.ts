import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { as, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/**
 * Requests that nobody thought of: pieces of PostgREST's grammar in any order. Whatever eve sends, nothing of
 * ada's comes back, nothing of ada's changes, and nothing breaks (5xx).
 */
let stack: TestStack;
let ada: Person;
let eve: Person;
const marker = crypto.randomUUID().replaceAll("-", "");
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2_147_483_647);

beforeAll(async () => {
  console.info(`fuzz: FUZZ_SEED=${seed}`);
  stack = await openStack();
  ({ ada, eve } = await createPeople(stack, "ada", "eve"));
  const { db } = stack;
  const goal = "insert into public.goals (owner_id, title, custom) values ($1, $2, $3) returning id";
  const { rows } = await db.query<{ id: string }>(goal, [ada.id, marker, { note: marker }]);
  const task = "insert into public.tasks (owner_id, goal_id, title, tags) values ($1, $2, $3, $4)";
  await db.query(task, [ada.id, rows[0]?.id, marker, [marker]]);
  await db.query("update public.profiles set display_name = $2 where id = $1", [ada.id, marker]);
  await db.query("insert into public.goals (owner_id, title) values ($1, 'Hers')", [eve.id]);
  await db.query("insert into public.tasks (owner_id, title) values ($1, 'Hers')", [eve.id]);
});
afterAll(() => stack?.close());

const noId = "00000000-0000-0000-0000-000000000000";
const table = fc.constantFrom("goals", "tasks", "profiles", "activities", "limits", "user_roles");
const column = fc.constantFrom(
  ...[
    "id",
    "owner_id",
    "title",
    "custom",
    "tags",
    "search",
    "due_at",
    "status",
    "progress",
    "position",
    "user_id",
  ],
  ...[
    "custom->a",
    "custom->>note",
    "tasks.title",
    "profiles.username",
    "title::text",
    "*",
    "goals",
    "nothing",
  ],
);
const operator = fc.constantFrom(
  ...[
    "eq",
    "neq",
    "gt",
    "lte",
    "like",
    "ilike",
    "match",
    "imatch",
    "in",
    "is",
    "isdistinct",
    "fts",
    "wfts(trackit)",
  ],
  ...["cs", "cd", "ov", "sl", "adj", "not.eq", "not.in", "like(any)", "eq(all)", "plfts(simple)", "nope"],
);
const value = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    "(a,b)",
    "{a,b}",
    "%",
    "*",
    "now()",
    "",
    "()",
    '("a","b")',
    '{"a":1}',
    "[1,2)",
  ),
  fc.constantFrom("' or true--", '"', "\\", "$1", "(((", "1e400", "-1", "infinity", noId),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const condition = fc.tuple(column, operator, value).map(([c, o, v]) => ({ name: c, text: `${o}.${v}` }));
const tree: fc.Arbitrary<string> = fc.letrec<{ tree: string; leaf: string }>((tie) => ({
  leaf: condition.map(({ name, text }) => `${name}.${text}`),
  tree: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc
      .tuple(fc.constantFrom("and", "or", "not.and", "not.or"), fc.array(tie("tree"), { maxLength: 3 }))
      .map(([junction, parts]) => `${junction}(${parts.join(",")})`),
  ),
})).tree;
const embed = fc.constantFrom(
  ...[
    "*",
    "id",
    "title",
    "tasks(*)",
    "goals(*)",
    "profiles!goals_owner_id_fkey(*)",
    "...profiles!inner(display_name)",
  ],
  ...[
    "tasks!inner(title,goals(*))",
    "count()",
    "title.max()",
    "x:title::text",
    "custom->>note",
    "activities(*)",
    "(",
    "!",
  ],
);
const parameter = fc.oneof(
  condition.map(({ name, text }): [string, string] => [name, text]),
  fc.tuple(
    fc.constantFrom("and", "or", "not.or"),
    tree.map((text) => `(${text})`),
  ),
  fc.tuple(
    fc.constant("select"),
    fc.array(embed, { maxLength: 3 }).map((parts) => parts.join(",")),
  ),
  fc.tuple(
    fc.constant("order"),
    fc
      .tuple(column, fc.constantFrom("", ".desc", ".nullsfirst", ".asc.nullslast", ".odd"))
      .map((parts) => parts.join("")),
  ),
  fc.tuple(fc.constantFrom("limit", "offset", "columns", "on_conflict", "tasks.limit", "tasks.order"), value),
);
/** Well-formed ones, so that requests come through and not all end in the parser. */
const plain = fc.constantFrom<[string, string]>(
  ["title", "neq.x"],
  ["id", "not.is.null"],
  ["owner_id", `neq.${noId}`],
  ["status", "eq.open"],
  ["custom->>note", "is.null"],
  ["or", "(title.like.*,priority.gte.0)"],
  ["or", "(owner_id.not.is.null,not.and(title.eq.a,title.eq.b))"],
  ["select", "*,tasks(*)"],
  ["select", "title,owner:profiles!goals_owner_id_fkey(*)"],
  ["select", "*,goals(*,profiles!goals_owner_id_fkey(*))"],
  ["order", "title.desc,id"],
  ["limit", "5"],
);
const prefer = fc.constantFrom(
  ...[
    "",
    "return=representation",
    "count=exact",
    "count=planned",
    "resolution=merge-duplicates",
    "handling=strict",
  ],
  ...[
    "resolution=ignore-duplicates,return=representation",
    "tx=rollback",
    "return=headers-only",
    "max-affected=1",
  ],
);
const body = fc.oneof(
  fc.constantFrom(
    "",
    "{}",
    "[]",
    "null",
    "[{}]",
    '{"title":"x"}',
    '[{"title":"x"},{"title":"y"}]',
    '{"owner_id":null}',
  ),
  fc
    .dictionary(fc.constantFrom("id", "owner_id", "title", "custom", "tags", "nothing"), fc.jsonValue())
    .map((row) => JSON.stringify(row)),
);
const request = fc.record({
  method: fc.constantFrom("GET", "GET", "GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"),
  table,
  parameters: fc.array(fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: parameter }), {
    maxLength: 4,
  }),
  prefer,
  accept: fc.constantFrom(
    "application/json",
    "application/json",
    "text/csv",
    "application/vnd.pgrst.object+json",
    "*/*",
    "text/html",
  ),
  range: fc.constantFrom("", "", "", "0-9", "5-", "9-0", "x"),
  body,
});

const rowsOf = async ({ id }: Person) =>
  (
    await stack.db.query(
      `select (select json_agg(g order by id) from public.goals g where owner_id = $1) as goals,
         (select json_agg(t order by id) from public.tasks t where owner_id = $1) as tasks,
         (select json_agg(p) from public.profiles p where id = $1) as profile,
         (select count(*) from public.user_roles) as roles, (select count(*) from public.limits) as limits`,
      [id],
    )
  ).rows;

it("nothing that eve sends shows, changes or breaks anything of ada's", async () => {
  const before = await rowsOf(ada);
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(request, async ({ method, table, parameters, prefer, accept, range, body }) => {
      const query = parameters.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
      const sent = {
        method,
        path: `/rest/v1/${table}?${query}`,
        headers: { ...as(stack, eve), prefer, accept, range },
        ...(method === "GET" || method === "HEAD" ? {} : { body }),
      };
      const answer = await stack.send(sent);
      expect(answer.status, `${method} ${sent.path} ${answer.text}`).toBeLessThan(500);
      expect(answer.text).not.toContain(marker);
      expect(answer.text).not.toContain(ada.id);
      if (answer.status < 300) answered++;
    }),
    { seed, numRuns: 400 },
  );
  expect(await rowsOf(ada)).toEqual(before);
  // Not all end in the parser.
  expect(answered).toBeGreaterThan(20);
});

const routine = fc.constantFrom(
  ...[
    "goal_create",
    "find_goals",
    "find_tasks",
    "lookup_profile",
    "check_username",
    "my_limits",
    "my_sessions",
  ],
  ...["revoke_session", "json_is_plain", "tags_are_plain", "is_plain_line", "is_free_of_markup"],
);
const word = fc.oneof(fc.constantFrom("x", noId, "1e9", "{}", "a\u0000"), fc.string({ maxLength: 8 }));
const argument = fc.oneof(
  word,
  fc.jsonValue(),
  fc.array(word, { maxLength: 3 }),
  fc.dictionary(
    fc.constantFrom("id", "title", "custom", "owner_id", "due_at", "priority", "tags", "rrule"),
    fc.jsonValue(),
  ),
);
const names = fc.constantFrom(
  ...["goal", "tasks", "query", "tags", "custom", "username", "session_id", "value", "nothing", "__proto__"],
);

it("no call of a function that eve makes does either", async () => {
  const before = await rowsOf(ada);
  await fc.assert(
    fc.asyncProperty(routine, fc.dictionary(names, argument, { maxKeys: 3 }), async (name, given) => {
      const path = `/rest/v1/rpc/${name}`;
      const answer = await stack.send({ method: "POST", path, headers: as(stack, eve), body: given });
      expect(answer.status, `${name} ${JSON.stringify(given)} ${answer.text}`).toBeLessThan(500);
      expect(answer.text).not.toContain(marker);
    }),
    { seed, numRuns: 300 },
  );
  expect(await rowsOf(ada)).toEqual(before);
});
