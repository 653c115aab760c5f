import { expect } from "vitest";
import type { Counts } from "../../functions/worker/drain.ts";
import { type Mail, mailsTo, newestMail } from "../support/mail.ts";
import type { Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** A stack whose clock stands still: what runs by schedule runs when the test says so. */
export async function openQuietStack(): Promise<TestStack> {
  const stack = await openStack();
  await stack.db.query("update private.schedules set enabled = false");
  return stack;
}

export interface Report {
  jobs: Counts;
  mail: Counts;
}

/** Calls the worker as the schedule does, and gives what it did. */
export async function work(stack: TestStack, body: Record<string, unknown> = {}): Promise<Report> {
  const answer = await fetch(`${stack.env.FUNCTIONS_URL}/worker`, {
    method: "POST",
    headers: { apikey: stack.env.SECRET_KEY, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect([answer.status, text]).toEqual([200, expect.any(String)]);
  return JSON.parse(text) as Report;
}

export const nothing: Counts = { done: 0, repeated: 0, failed: 0, dead: 0, left: 0 };

/** One value of one row. */
export async function value<T>({ db }: TestStack, sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await db.query<{ value: T }>({ text: `select (${sql}) as value`, values });
  return rows[0]?.value as T;
}

/** A task of somebody's whose reminder has come. */
export async function remindNow(stack: TestStack, owner: Person, title: string): Promise<string> {
  const { rows } = await stack.db.query<{ id: string }>(
    `insert into public.tasks (owner_id, title, due_at, remind_at)
     values ($1, $2, '2027-03-01 18:30:00+00', now() - interval '1 minute') returning id`,
    [owner.id, title],
  );
  await stack.db.query("select private.remind()");
  return rows[0]?.id ?? "";
}

/** The only mail to somebody. */
export async function onlyMail(stack: TestStack, { email }: Person): Promise<Mail> {
  expect(await mailsTo(stack, email)).toHaveLength(1);
  return newestMail(stack, email);
}
