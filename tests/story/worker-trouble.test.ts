/** Jobs on the stack when something is in their way: time, another worker, a mail API that has its days. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDeps } from "../../functions/_shared/handler.ts";
import { createWorker } from "../../functions/worker/handler.ts";
import { readMailing } from "../../functions/worker/mail/settings.ts";
import { asAnon, asService, createPeople, type Person } from "../support/people.ts";
import type { TestStack } from "../support/stack.ts";
import { nothing, openQuietStack, type Report, remindNow, value, work } from "./worker-kit.ts";

const silent = { info: () => {}, error: () => {} };

let stack: TestStack;
let ada: Person;
let ben: Person;

beforeAll(async () => {
  stack = await openQuietStack();
  ({ ada, ben } = await createPeople(stack, "ada", "ben"));
  await stack.db.query(`
    create table private.marks (job uuid not null);
    create function private.job_mark(job uuid, data jsonb) returns void language plpgsql set search_path = '' as $$
    begin
      insert into private.marks values (job);
      -- What a statement timeout raises; "when others" does not catch it.
      if (data ->> 'cancelled')::boolean then raise query_canceled; end if;
    end $$;
  `);
});
afterAll(() => stack?.close());

const rpc = (name: string, body: unknown, headers = asService(stack)) =>
  stack.send({ method: "POST", path: `/rest/v1/rpc/${name}`, headers, body });
const enqueue = (data: object = {}) =>
  value<string>(stack, "select private.enqueue('jobs', 'mark', $1)", [JSON.stringify(data)]);
const marks = () => value<number>(stack, "select count(*)::integer from private.marks");

it("a job that takes all the time that a statement has fails alone; those that shared its transaction are done", async () => {
  const slow = await enqueue({ cancelled: true });
  for (let n = 0; n < 9; n++) await enqueue();
  expect((await work(stack)).jobs).toEqual({ ...nothing, done: 9, failed: 1 });
  expect(await marks()).toBe(9);
  expect((await stack.db.query("select job_id from private.job_failures")).rows).toEqual([{ job_id: slow }]);
  await stack.db.query(
    "delete from pgmq.q_jobs; delete from private.job_failures; delete from private.marks",
  );
});

it("a worker that is told of a failure after another has done the job gives nothing up", async () => {
  const job = await enqueue();
  const claim = { queue: "jobs", quantity: 1, seconds: 60 };
  const late = (await rpc("worker_claim", claim)).json as { message: number }[];
  await stack.db.query("update pgmq.q_jobs set vt = now()");
  expect((await work(stack)).jobs).toEqual({ ...nothing, done: 1 });
  const failure = { queue: "jobs", message: late[0]?.message, job, kind: "mark", data: {}, reason: "late" };
  expect((await rpc("worker_fail", { ...failure, final: true })).status).toBe(200);
  expect(await marks()).toBe(1);
  expect(await value(stack, "select count(*)::integer from private.dead_letters")).toBe(0);
});

it("clicks out of mail that come by way of the function do not use up each other's calls", async () => {
  const token = await value<string>(stack, "select private.mail_token($1, 'reminders')", [ben.id]);
  const statusesOf = async (headers: Record<string, string>) => {
    const answers = await Promise.all(
      Array.from({ length: 65 }, () => rpc("mail_unsubscribe", { token }, headers)),
    );
    return answers.map(({ status }) => status).sort();
  };
  expect(await statusesOf(asService(stack))).toEqual(Array.from({ length: 65 }, () => 200));
  expect((await statusesOf(asAnon(stack))).filter((status) => status === 200)).toHaveLength(60);
});

describe("by an HTTP mail API", () => {
  let api: Server;
  let asked: { key: string | undefined; auth: string | undefined; body: Record<string, unknown> }[];
  /** What it does with the next requests: a status, or "cut" for no word at all. After these it accepts. */
  let moods: (number | "cut")[];

  beforeAll(async () => {
    api = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { "idempotency-key": key, authorization: auth } = request.headers;
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      asked.push({ key: key as string | undefined, auth, body });
      const mood = moods.shift() ?? 200;
      if (mood === "cut") request.socket.destroy();
      else
        response.writeHead(mood, { "content-type": "application/json" }).end(`{"id":"re_${asked.length}"}`);
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void api?.close());
  beforeEach(() => {
    asked = [];
    moods = [];
  });

  /** The worker as it is deployed, told of the API by its environment. */
  async function workByApi(): Promise<Report> {
    const environment: Record<string, string> = {
      SUPABASE_URL: stack.env.API_URL,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.env.SECRET_KEY }),
      MAIL_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}/emails`,
      MAIL_API_KEY: "re_key",
      MAIL_SMTP_URL: "smtp://127.0.0.1:1",
      WEB_URL: "https://app.example",
    };
    const get = (name: string) => environment[name];
    const handler = createWorker({ ...createDeps(get), log: silent }, readMailing(get), {
      remove: async () => {},
    });
    const headers = { ...asService(stack), "content-type": "application/json" };
    const answer = await handler(new Request("http://worker/", { method: "POST", headers, body: "{}" }));
    expect(answer.status).toBe(200);
    await stack.db.query("update pgmq.q_mail set vt = now()");
    return (await answer.json()) as Report;
  }

  it("a reminder reaches ada's provider with all that it needs", async () => {
    await remindNow(stack, ada, "Buy shoes");
    const report = await workByApi();
    expect([report.jobs.done, report.mail.done]).toEqual([1, 1]);
    const mail = (await stack.db.query("select id, state, provider_id from private.mails")).rows;
    expect(mail).toEqual([{ id: asked[0]?.key, state: "sent", provider_id: "re_1" }]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      auth: "Bearer re_key",
      body: {
        to: [ada.email],
        subject: "Reminder: Buy shoes",
        headers: { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
      },
    });
  });

  it("is tried again under the same key after a 500, a 429 and a connection that was cut, then sent once", async () => {
    await remindNow(stack, ada, "Tie shoes");
    moods = [500, 429, "cut"];
    expect((await workByApi()).mail.failed).toBe(1);
    const states = "select state, attempts, last_error from private.mails order by created_at desc limit 1";
    expect((await stack.db.query(states)).rows).toEqual([
      { state: "queued", attempts: 1, last_error: "HTTP 500" },
    ]);
    expect((await workByApi()).mail.failed).toBe(1);
    expect((await workByApi()).mail.failed).toBe(1);
    expect((await stack.db.query(states)).rows).toEqual([
      { state: "queued", attempts: 3, last_error: "HTTP unreachable" },
    ]);
    expect((await workByApi()).mail.done).toBe(1);
    expect((await workByApi()).mail).toEqual(nothing);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
    expect(asked).toHaveLength(4);
  });

  it("that refuses a mail for good is not asked again, and the mail is a dead letter", async () => {
    await remindNow(stack, ada, "Lose shoes");
    moods = [422];
    expect((await workByApi()).mail.dead).toBe(1);
    expect((await workByApi()).mail).toEqual(nothing);
    expect(asked).toHaveLength(1);
    const { rows } = await stack.db.query("select queue, kind, reason from private.dead_letters");
    expect(rows).toEqual([{ queue: "mail", kind: "mail", reason: "HTTP 422" }]);
  });
});
