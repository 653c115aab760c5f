import { decodeJwt } from "jose";
import type { Received } from "./http.ts";
import type { TestStack } from "./stack.ts";

/** Somebody with a confirmed account and an open session, made and opened as any client does it. */
export interface Person {
  name: string;
  id: string;
  username: string;
  email: string;
  password: string;
  token: string;
  refreshToken: string;
  sessionId: string;
}

export type Session = Pick<Person, "token" | "refreshToken" | "sessionId">;

/** Makes confirmed accounts through the admin API and signs each in with its password. */
export async function createPeople<Name extends string>(
  stack: TestStack,
  ...names: Name[]
): Promise<Record<Name, Person>> {
  const people = await Promise.all(names.map((name) => createPerson(stack, name)));
  return Object.fromEntries(people.map((person) => [person.name, person])) as Record<Name, Person>;
}

async function createPerson(stack: TestStack, name: string): Promise<Person> {
  // Some of the cast's names are reserved (`root`), hence the suffix.
  const username = `${name}-test`;
  const email = `${name}@example.test`;
  const password = `${name} has 1 long password`;
  const made = await stack.send({
    method: "POST",
    path: "/auth/v1/admin/users",
    headers: { apikey: stack.env.SECRET_KEY },
    body: { email, password, email_confirm: true, user_metadata: { username } },
  });
  const { id } = expectJson<{ id: string }>(made, `creating ${name}`);
  return { name, id, username, email, password, ...(await signIn(stack, { email, password })) };
}

/** Opens one more session with a password. */
export async function signIn(
  stack: TestStack,
  { email, password }: { email: string; password: string },
): Promise<Session> {
  const answer = await stack.send({
    method: "POST",
    path: "/auth/v1/token?grant_type=password",
    headers: { apikey: stack.env.PUBLISHABLE_KEY },
    body: { email, password },
  });
  return readSession(answer, `signing ${email} in`);
}

/** Reads the session out of an answer that opened or renewed one. */
export function readSession(answer: Received, what: string): Session {
  const body = expectJson<{ access_token: string; refresh_token: string }>(answer, what);
  return {
    token: body.access_token,
    refreshToken: body.refresh_token,
    sessionId: String(decodeJwt(body.access_token).session_id),
  };
}

function expectJson<T>(answer: Received, what: string): T {
  if (answer.status !== 200) {
    throw new Error(`${what} was answered with ${answer.status} ${answer.text}; wanted 200`);
  }
  return answer.json as T;
}

/** The headers of somebody's requests: the publishable key and their token. */
export function as(stack: TestStack, { token }: { token: string }): Record<string, string> {
  return { apikey: stack.env.PUBLISHABLE_KEY, authorization: `Bearer ${token}` };
}

/** The headers of a stranger's requests. */
export const asAnon = (stack: TestStack): Record<string, string> => ({ apikey: stack.env.PUBLISHABLE_KEY });

/** The headers of a server's requests. */
export const asService = (stack: TestStack): Record<string, string> => ({ apikey: stack.env.SECRET_KEY });

/** Makes somebody an administrator. */
export async function promote({ db }: TestStack, { id }: { id: string }): Promise<void> {
  await db.query("insert into public.user_roles (user_id, role) values ($1, 'admin')", [id]);
}

/** Suspends somebody's account, with their session left as it is. */
export async function suspend({ db }: TestStack, { id }: { id: string }): Promise<void> {
  await db.query("update public.profiles set status = 'suspended' where id = $1", [id]);
}

/** Signs somebody out as they would do it themselves; the token in their hands stays what it is. */
export async function signOut(stack: TestStack, person: Person, scope = "local"): Promise<void> {
  const answer = await stack.send({
    method: "POST",
    path: `/auth/v1/logout?scope=${scope}`,
    headers: as(stack, person),
  });
  if (answer.status !== 204) throw new Error(`signing ${person.name} out: ${answer.status} ${answer.text}`);
}

export type Name = "ada" | "ben" | "eve" | "root" | "sue" | "gone";
export type Cast = Record<Name, Person>;

/** ada and ben are users, eve the outsider, root the admin, sue is suspended, gone holds a signed-out token. */
export async function openCast(stack: TestStack): Promise<Cast> {
  const cast = await createPeople(stack, "ada", "ben", "eve", "root", "sue", "gone");
  await promote(stack, cast.root);
  await suspend(stack, cast.sue);
  await signOut(stack, cast.gone);
  return cast;
}

let strangers = 0;

/** An account that nobody signs in to, made in no time: somebody for others to act upon. */
export async function createStranger({ db }: TestStack): Promise<{ id: string }> {
  const name = `stranger-${++strangers}`;
  const { rows } = await db.query<{ id: string }>(
    `insert into auth.users (id, email, raw_user_meta_data, email_confirmed_at, created_at)
     values (gen_random_uuid(), $1, jsonb_build_object('username', $2::text), now(), now()) returning id`,
    [`${name}@example.test`, name],
  );
  const [row] = rows;
  if (!row) throw new Error(`creating ${name} returned no row`);
  return row;
}
