/** The stack's scheduler: what is due runs, once, also with two of them; what was missed is caught up once. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../../stack/src/log.ts";
import { createScheduler, type Scheduler } from "../../stack/src/scheduler/index.ts";
import { createPeople } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";
import { waitFor } from "./stack-kit.ts";
import { onlyMail, value } from "./worker-kit.ts";

let stack: TestStack;
const others: Scheduler[] = [];

beforeAll(async () => {
  stack = await openStack();
  await stack.db.query(
    "create table private.ticks (at timestamptz not null default clock_timestamp(), due timestamptz)",
  );
});
afterAll(async () => {
  await Promise.all(others.map((one) => one.close()));
  await stack?.close();
});

const ticks = () => value<number>(stack, "select count(*)::integer from private.ticks");

it("ada's reminder arrives without anybody's doing", async () => {
  const { ada } = await createPeople(stack, "ada");
  // The reminders of this minute may have been seen to already: the next second is enough for a test.
  await stack.db.query(
    "update private.schedules set cron = '1 seconds' where name in ('reminders', 'worker')",
  );
  await stack.db.query("insert into public.tasks (owner_id, title, remind_at) values ($1, 'Shoes', now())", [
    ada.id,
  ]);
  const mail = await waitFor(() => onlyMail(stack, ada).catch(() => undefined));
  expect(mail.Subject).toBe("Reminder: Shoes");
});

it("three schedulers run a moment once, and moments that nobody saw to are caught up once", async () => {
  for (let n = 0; n < 2; n++)
    others.push(
      await createScheduler({
        databaseUrl: stack.env.DB_URL,
        workerUrl: `${stack.env.FUNCTIONS_URL}/worker`,
        secretKey: stack.env.SECRET_KEY,
        log: createLog(() => {}),
      }),
    );
  // Hourly, last seen to three days ago: 72 moments have passed. The next one is half an hour away.
  const minute = (new Date().getUTCMinutes() + 30) % 60;
  await stack.db.query(`
    insert into private.schedules (name, cron, sql, about, created_at) values
      ('missed', '${minute} * * * *', 'insert into private.ticks default values', 'test', now() - interval '3 days'),
      ('broken', '${minute} * * * *', 'select 1 / 0', 'test', now() - interval '3 days')
  `);
  await waitFor(
    async () =>
      (await value<number>(
        stack,
        "select count(*)::integer from private.schedules where name in ('missed', 'broken') and last_run is not null",
      )) === 2,
  );
  // Each scheduler has looked again since, when the reminders of two more seconds have been seen to.
  const seen = await value<string>(
    stack,
    "select last_due::text from private.schedules where name = 'reminders'",
  );
  await waitFor(() =>
    value<boolean>(
      stack,
      "select last_due > $1::timestamptz + interval '3 seconds' from private.schedules where name = 'reminders'",
      [seen],
    ),
  );
  expect(await ticks()).toBe(1);
  const due = `
    select last_due between last_run - interval '1 hour' and last_run
      and to_char(last_due at time zone 'utc', 'MI SS.US') = '${String(minute).padStart(2, "0")} 00.000000'
    from private.schedules where name = 'missed'`;
  expect(await value(stack, due)).toBe(true);
});

it("one that fails says why in its row, and the others go on", async () => {
  const error = "select last_error from private.schedules where name = 'broken'";
  expect(await value(stack, error)).toBe("22012 division by zero");
  const seen = await value<string>(
    stack,
    "select last_due::text from private.schedules where name = 'reminders'",
  );
  await waitFor(() =>
    value<boolean>(
      stack,
      "select last_due > $1::timestamptz from private.schedules where name = 'reminders'",
      [seen],
    ),
  );
});

it("a schedule that was seen to by a clock a year ahead goes on once the clock is right", async () => {
  await stack.db.query(`
    insert into private.schedules (name, cron, sql, about, last_due) values
      ('ahead', '1 seconds', 'select 1', 'test', now() + interval '1 year')
  `);
  await waitFor(() =>
    value<boolean>(
      stack,
      "select last_due < now() + interval '1 minute' from private.schedules where name = 'ahead'",
    ),
  );
});
