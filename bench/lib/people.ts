import pg from "pg";
import type { BenchStack } from "./stack.ts";

export interface Person {
  id: string;
  token: string;
}

/** Makes accounts, signs them in, and lifts their limits so that a load does not end at one. */
export async function makePeople(stack: BenchStack, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let number = 0; number < count; number++) people.push(await makePerson(stack, number));
  const admin = new pg.Client({ connectionString: stack.adminUrl });
  await admin.connect();
  await admin.query(
    `insert into public.limits (kind, user_id, max)
     select kind, person, 100000000
     from unnest(enum_range(null::public.limit_kind)) kind, unnest($1::uuid[]) person`,
    [people.map(({ id }) => id)],
  );
  await admin.end();
  return people;
}

async function makePerson(stack: BenchStack, number: number): Promise<Person> {
  const email = `bench${number}-${Date.now()}@example.org`;
  const password = "correct horse battery 1";
  const user = await post(stack, "/auth/v1/admin/users", stack.secretKey, {
    email,
    password,
    email_confirm: true,
    user_metadata: { username: `bench${number}x${Date.now().toString(36)}` },
  });
  const session = await post(stack, "/auth/v1/token?grant_type=password", stack.publishableKey, {
    email,
    password,
  });
  return { id: String(user.id), token: String(session.access_token) };
}

async function post(
  stack: BenchStack,
  target: string,
  key: string,
  body: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(stack.url + target, {
    method: "POST",
    headers: { apikey: key, authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${target} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Gives a person tasks by SQL, past the triggers, in the default order of lists. */
export async function giveTasks(stack: BenchStack, owners: readonly string[], each: number): Promise<void> {
  const admin = new pg.Client({ connectionString: stack.adminUrl });
  await admin.connect();
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `insert into public.tasks (id, owner_id, title, description, position, due_at)
     select gen_random_uuid(), owner, 'Write the report ' || n, 'A sentence of ordinary length about the task.',
       'a' || lpad(n::text, 8, '0'), now() + n * interval '1 hour'
     from unnest($1::uuid[]) owner, generate_series(1, $2::int) n`,
    [owners, each],
  );
  await admin.query("vacuum analyze public.tasks");
  await admin.end();
}
