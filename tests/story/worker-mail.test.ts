/** From a task's reminder to the mail in the mailbox, and how to be rid of such mail. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { mailsTo } from "../support/mail.ts";
import { createPeople, type Person } from "../support/people.ts";
import type { TestStack } from "../support/stack.ts";
import { nothing, onlyMail, openQuietStack, remindNow, value, work } from "./worker-kit.ts";

let stack: TestStack;
let ada: Person;
let ben: Person;

beforeAll(async () => {
  stack = await openQuietStack();
  ({ ada, ben } = await createPeople(stack, "ada", "ben"));
  await stack.db.query(
    "update public.profiles set locale = 'pt-PT', time_zone = 'Europe/Lisbon' where id = $1",
    [ben.id],
  );
});
afterAll(() => stack?.close());

it("ada is reminded of her task in English, ben of his in Portuguese, each once", async () => {
  const task = await remindNow(stack, ada, "Buy <3 shoes & laces");
  await remindNow(stack, ben, "Comprar sapatos");
  expect((await work(stack)).jobs).toEqual({ ...nothing, done: 2 });
  await work(stack);
  const english = await onlyMail(stack, ada);
  expect(english.Subject).toBe("Reminder: Buy <3 shoes & laces");
  expect(english.Text).toContain("“Buy <3 shoes & laces”");
  expect(english.Text).toContain(`/tasks?task=${task}`);
  const portuguese = await onlyMail(stack, ben);
  expect(portuguese.Subject).toBe("Lembrete: Comprar sapatos");
  expect(await mailsTo(stack, ada.email)).toHaveLength(1);
  expect(await value(stack, "select array_agg(state) from private.mails")).toBe("{sent,sent}");
});
