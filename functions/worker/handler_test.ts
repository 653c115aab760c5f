import assert from "node:assert/strict";
import { makeCredentials, makeSecrets } from "../_shared/testing/credentials.ts";
import { environmentOf, testDeps } from "../_shared/testing/deps.ts";
import { differences, hear, requestOf } from "../_shared/testing/scenario.ts";
import { JobFailure } from "./drain.ts";
import { createWorker } from "./handler.ts";
import type { Mailing } from "./mail/settings.ts";
import type { Message } from "./mail/transport.ts";
import { scenarios } from "./scenarios.ts";
import { jobOf, type MemoryQueues, openMemory, refusal, unreachable } from "./testing/memory.ts";

const url = "http://project.example";
const secrets = await makeSecrets(`${url}/auth/v1`);
const account = { id: crypto.randomUUID(), sessionId: crypto.randomUUID() };
const credentials = await makeCredentials(secrets, account);
const environment = environmentOf(secrets, url);

const outbox: Message[] = [];
const mailing = (send: (message: Message) => Promise<string | null>): Mailing => ({
  from: "TrackIt <no-reply@trackit.example>",
  webUrl: "https://app.example",
  unsubscribeUrl: `${url}/functions/v1/unsubscribe`,
  transport: { send },
});
const accepting = mailing(async (message) => `server-${outbox.push(message)}`);

/** A bucket from which everything goes. */
const bucket = { remove: async () => {} };

async function work(memory: MemoryQueues, body: unknown = {}, mail: Mailing = accepting) {
  const handler = createWorker(testDeps(environment, { admin: () => memory.admin }), mail, bucket);
  const scenario = { name: "", who: "secret", body, want: { status: 200 } } as const;
  const heard = await hear(await handler(requestOf(scenario, `${url}/worker`, credentials.secret)));
  return { status: heard.status, report: heard.json as Record<string, Record<string, number>> };
}

for (const scenario of scenarios) {
  Deno.test(`worker: ${scenario.name}`, async () => {
    const handler = createWorker(
      testDeps(environment, { admin: () => openMemory().admin }),
      accepting,
      bucket,
    );
    const response = await handler(requestOf(scenario, `${url}/worker`, credentials[scenario.who]));
    assert.deepEqual(differences(scenario, await hear(response)), []);
  });
}

const later = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));

Deno.test("worker: does everything that is due, claim by claim, ten together and at most four times that", async () => {
  const memory = openMemory();
  memory.waiting.jobs = Array.from({ length: 125 }, (_, n) => jobOf(`job-${n}`));
  memory.onPerform = () => later(1);
  const { report } = await work(memory, { quantity: 50 });
  assert.equal(report.jobs?.done, 125);
  assert.equal(new Set(memory.finished).size, 125);
  assert.equal(Math.max(...memory.together), 10);
  assert.ok(memory.peak > 1 && memory.peak <= 4, `${memory.peak} at once`);
});

Deno.test("worker: claims what it can begin at once, and no more", async () => {
  const memory = openMemory();
  memory.waiting.jobs = Array.from({ length: 90 }, (_, n) => jobOf(`job-${n}`));
  const { report } = await work(memory);
  assert.deepEqual([report.jobs?.done, report.jobs?.left], [90, 0]);
  assert.deepEqual(memory.asked.jobs, [40, 40, 40]);
  assert.ok(memory.asked.mail.every((quantity) => quantity === 4));
});

Deno.test("worker: a job that fails is put off with its code, and the rest goes on", async () => {
  const memory = openMemory();
  memory.waiting.jobs = ["a", "bad", "b", "c"].map((id) => jobOf(id));
  memory.onPerform = (id) => (id === "bad" ? "SQL 22012" : undefined);
  const { report } = await work(memory);
  assert.deepEqual(report.jobs, { done: 3, repeated: 0, failed: 1, dead: 0, left: 0 });
  assert.deepEqual(memory.performed.sort(), ["a", "b", "c"]);
  assert.equal(memory.finished.length, 3);
  assert.deepEqual(memory.failed, [{ job: "bad", reason: "SQL 22012", final: false }]);
});

Deno.test("worker: a job that takes the others down with it is found, and they are done", async () => {
  const memory = openMemory();
  memory.waiting.jobs = ["a", "slow", "b", "odd", "c"].map((id) => jobOf(id));
  memory.onPerform = (id) => {
    // A statement that the database cancels ends its transaction; words of an error are nobody's business.
    if (id === "slow") throw refusal("57014");
    if (id === "odd") throw new TypeError("ada@example.com is not a function");
    return undefined;
  };
  const { report } = await work(memory);
  assert.deepEqual([report.jobs?.failed, memory.finished.length], [2, 3]);
  assert.deepEqual(memory.performed.sort(), ["a", "b", "c"]);
  assert.deepEqual(memory.failed.map(({ job, reason }) => `${job} ${reason}`).sort(), [
    "odd unforeseen",
    "slow SQL 57014",
  ]);
});

Deno.test("worker: a job that comes twice is done once, and taken off both times", async () => {
  const memory = openMemory();
  memory.waiting.jobs = [jobOf("a"), jobOf("a")];
  const { report } = await work(memory);
  assert.deepEqual(report.jobs, { done: 1, repeated: 1, failed: 0, dead: 0, left: 0 });
  assert.equal(memory.finished.length, 2);
});

Deno.test("worker: a database that is away is no job's fault (503); what was done is taken off", async () => {
  const memory = openMemory();
  memory.waiting.jobs = Array.from({ length: 20 }, (_, n) => jobOf(`job-${n}`));
  memory.onPerform = (id) => {
    if (id === "job-15") throw unreachable();
    return undefined;
  };
  const { status } = await work(memory);
  assert.equal(status, 503);
  assert.deepEqual(memory.failed, []);
  assert.equal(memory.finished.length, 10);
});

Deno.test("worker: when its time is up it begins nothing more, and says what it left", async () => {
  const memory = openMemory();
  memory.waiting.jobs = Array.from({ length: 100 }, (_, n) => jobOf(`job-${n}`));
  // What is begun first takes until the time is up.
  memory.onPerform = () => later(120);
  const { report } = await work(memory, { seconds: 1, quantity: 50 });
  assert.deepEqual(report.jobs, { done: 40, repeated: 0, failed: 0, dead: 0, left: 10 });
  assert.equal(memory.waiting.jobs.length, 50);
});

const letter = (id: string, template = "task_reminder") => ({
  id,
  to: "ada@example.com",
  name: "Ada",
  locale: "en",
  time_zone: "UTC",
  template,
  data: { task: "t", title: "Shoes" },
  token: "token",
});

Deno.test("worker: mail goes out under its own id, what is not wanted any more does not", async () => {
  const memory = openMemory();
  memory.letters.set("m1", letter("m1"));
  memory.waiting.mail = [jobOf("m1", "mail"), jobOf("erased", "mail")];
  outbox.length = 0;
  const { report } = await work(memory);
  assert.deepEqual(report.mail, { done: 1, repeated: 1, failed: 0, dead: 0, left: 0 });
  assert.deepEqual(
    outbox.map(({ id, to }) => [id, to]),
    [["m1", "ada@example.com"]],
  );
  assert.deepEqual(memory.sent, [["m1", "server-1"]]);
});

Deno.test("worker: a database that is away just after the mail server's yes is told a moment later, and no mail goes twice", async () => {
  const memory = openMemory();
  memory.letters.set("m3", letter("m3"));
  memory.waiting.mail = [jobOf("m3", "mail")];
  const { rpc } = memory.admin;
  let away = 2;
  memory.admin = {
    ...memory.admin,
    rpc: (name, values) =>
      name === "worker_mail_sent" && away-- > 0 ? Promise.reject(unreachable()) : rpc(name, values),
  };
  outbox.length = 0;
  const { report } = await work(memory);
  assert.equal(report.mail?.done, 1);
  assert.deepEqual([outbox.length, memory.sent.length], [1, 1]);
});

Deno.test("worker: mail that its jobs have written goes out in the same call", async () => {
  const memory = openMemory();
  memory.letters.set("m2", letter("m2"));
  memory.waiting.jobs = [jobOf("reminder")];
  memory.onPerform = async () => {
    // The first look at the mail is over by now.
    await later(20);
    memory.waiting.mail.push(jobOf("m2", "mail"));
    return undefined;
  };
  const { report } = await work(memory);
  assert.deepEqual([report.jobs?.done, report.mail?.done], [1, 1]);
});

Deno.test("worker: a mail that a server puts off comes back, one that it refuses does not", async () => {
  const memory = openMemory();
  for (const id of ["later", "never", "unknown"]) memory.letters.set(id, letter(id));
  memory.letters.set("unknown", letter("unknown", "unheard_of"));
  memory.waiting.mail = ["later", "never", "unknown"].map((id) => jobOf(id, "mail"));
  const refusing = mailing(async ({ id }) => {
    throw new JobFailure(id === "later" ? "SMTP 451" : "SMTP 550", { final: id === "never" });
  });
  const { report } = await work(memory, {}, refusing);
  assert.deepEqual(report.mail, { done: 0, repeated: 0, failed: 1, dead: 2, left: 0 });
  assert.deepEqual(memory.failed.map(({ job, reason, final }) => `${job} ${reason} ${final}`).sort(), [
    "later SMTP 451 false",
    "never SMTP 550 true",
    "unknown no template unheard_of true",
  ]);
  assert.deepEqual(memory.sent, []);
});

Deno.test("worker: objects that nothing refers to are removed, a hundred together", async () => {
  const memory = openMemory();
  memory.waiting.files = Array.from({ length: 250 }, (_, n) => jobOf(`r${n}`, "remove_object"));
  for (const { id } of memory.waiting.files) memory.removals.set(id, `o/f/${id}`);
  const { report } = await work(memory);
  assert.deepEqual([report.files?.done, memory.removals.size], [250, 0]);
  assert.deepEqual(memory.asked.files, [200, 200]);
});
