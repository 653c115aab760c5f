import { randomUUID } from "node:crypto";
import pg from "pg";

/** Somebody with an account and an open session. */
export interface Person {
  id: string;
  sessionId: string;
  name: string;
}

/** Makes accounts as the auth server would: a row in auth.users, from which the trigger makes the profile. */
export async function createPeople<Name extends string>(
  admin: pg.Client,
  ...names: Name[]
): Promise<Record<Name, Person>> {
  const people = {} as Record<Name, Person>;
  for (const name of names) {
    const person = { id: randomUUID(), sessionId: randomUUID(), name };
    people[name] = person;
    await admin.query(
      `insert into auth.users (id, email, raw_user_meta_data, email_confirmed_at, created_at)
       values ($1, $2, jsonb_build_object('username', $3::text), now(), now())`,
      [person.id, `${name}@example.test`, name],
    );
    await admin.query("insert into auth.sessions (id, user_id, created_at) values ($1, $2, now())", [
      person.sessionId,
      person.id,
    ]);
  }
  return people;
}

/** Begins a transaction with the role and the claims of a person's token, for the caller to end. */
export async function beginAs(client: pg.Client | pg.PoolClient, person: Person | null): Promise<void> {
  const role = person ? "authenticated" : "anon";
  const claims = person ? { sub: person.id, session_id: person.sessionId, role } : { role };
  await client.query("begin");
  await client.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
    role,
    JSON.stringify(claims),
  ]);
}

/**
 * Runs one statement as REST does: a transaction with the role and the claims of a person's token.
 * @param role `authenticated` for people; null for a bare publishable key
 */
export async function queryAs<Row extends pg.QueryResultRow>(
  client: pg.Client | pg.PoolClient,
  person: Person | null,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  try {
    await beginAs(client, person);
    const { rows } = await client.query<Row>(sql, values);
    await client.query("commit");
    return rows;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** The SQLSTATE and the code in front of the message with which a statement was refused; "" when it was not. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "";
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const code = /^[A-Z_]+(?=:)/.exec(error.message)?.[0];
    return code ? `${error.code} ${code}` : `${error.code} ${error.constraint ?? ""}`.trim();
  }
}
