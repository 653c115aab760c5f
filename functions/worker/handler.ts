import * as z from "zod/mini";
import { type Admin, DatabaseRefusal } from "../_shared/admin.ts";
import { createHandler, type Deps, type Handler } from "../_shared/handler.ts";
import { Problem } from "../_shared/problem.ts";
import { type Counts, drain, JobFailure, type Outcome } from "./drain.ts";
import type { Objects } from "./files/objects.ts";
import { createRemoval } from "./files/remove.ts";
import { createDelivery } from "./mail/deliver.ts";
import type { Mailing } from "./mail/settings.ts";
import { type Job, openQueue, type QueueName } from "./queue.ts";

/**
 * The database does jobs quickly, and its commit costs more than most; a mail waits for somebody else's server; Storage
 * removes many objects as easily as one.
 */
const pace = {
  jobs: { together: 10, concurrency: 4 },
  mail: { together: 1, concurrency: 4 },
  files: { together: 100, concurrency: 2 },
} as const;

/** Claimed is what can be begun at once: a claim that is never begun would look like one that ended its worker. */
const waveOf = (name: QueueName) => pace[name].together * pace[name].concurrency;

const schema = z.strictObject({
  /** Which queues; all unless told. */
  queues: z.optional(z.array(z.enum(["jobs", "mail", "files"])).check(z.maxLength(3))),
  /** After which no job is begun. */
  seconds: z.optional(z.number().check(z.minimum(1), z.maximum(120))),
  /** For which claimed jobs are hidden from other workers. */
  visibility: z.optional(z.int().check(z.minimum(1), z.maximum(3600))),
  /** Jobs per claim; as many as are begun at once unless told. */
  quantity: z.optional(z.int().check(z.minimum(1), z.maximum(500))),
});

/**
 * `POST /functions/v1/worker` with the secret key: does what is due on the queues, and says what became of it:
 * `{ jobs: { done, repeated, failed, dead, left }, mail: { … }, files: { … } }`.
 */
export const createWorker = (deps: Deps, mailing: Mailing, objects: Objects): Handler =>
  createHandler(
    {
      name: "worker",
      method: "POST",
      callers: ["secret"],
      rate: { most: 600, seconds: 60 },
      body: { maxBytes: 1024, maxDepth: 3, schema },
      handle: ({ body }) => drainAll(deps.admin(), mailing, objects, body),
    },
    deps,
  );

type Wanted = z.infer<typeof schema>;

async function drainAll(
  admin: Admin,
  mailing: Mailing,
  objects: Objects,
  wanted: Wanted,
): Promise<Record<string, Counts>> {
  const { seconds = 50, visibility = 120 } = wanted;
  // Well below the hosted platform's 150 s, so that a job begun last can end.
  const until = Date.now() + seconds * 1000;
  const deliver = createDelivery(admin, mailing);
  const performers = {
    jobs: (jobs: Job[]) => performJobs(admin, jobs),
    mail: deliver,
    files: createRemoval(admin, objects),
  };
  const drainOne = async (name: QueueName): Promise<[string, Counts]> => {
    const quantity = wanted.quantity ?? waveOf(name);
    const options = { perform: performers[name], explain, ...pace[name], quantity, visibility, until };
    return [name, await drain(openQueue(admin, name), options)];
  };
  const names = new Set<QueueName>(wanted.queues ?? ["jobs", "mail", "files"]);
  // One queue that cannot be read must not cost the others their turn.
  const ended = await Promise.allSettled([...names].map(drainOne));
  const broken = ended.find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
  const counts = Object.fromEntries(ended.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
  // Jobs write mail: what they have just written need not wait for the next call.
  if (counts.mail && counts.jobs?.done) counts.mail = sum(counts.mail, (await drainOne("mail"))[1]);
  return counts;
}

const sum = (one: Counts, other: Counts): Counts => ({
  done: one.done + other.done,
  repeated: one.repeated + other.repeated,
  failed: one.failed + other.failed,
  dead: one.dead + other.dead,
  left: one.left + other.left,
});

/** The effects and the notes that they were had are one transaction of the database. */
async function performJobs(admin: Admin, jobs: Job[]): Promise<Outcome[]> {
  const told = await admin.rpc<string[]>("worker_perform", {
    jobs: jobs.map(({ id, kind, data }) => ({ id, kind, data })),
  });
  return told.map((one) => (one === "done" || one === "repeated" ? one : new JobFailure(one)));
}

/** A database that cannot be reached says nothing of a job: its claim ends by itself, and it is no attempt. */
function explain(error: unknown): JobFailure {
  if (error instanceof JobFailure) return error;
  if (!(error instanceof Problem)) return new JobFailure("unforeseen", { cause: error });
  if (error.cause instanceof DatabaseRefusal)
    return new JobFailure(`SQL ${error.cause.code}`, { cause: error });
  if (error.status === 503) throw error;
  return new JobFailure(error.code, { cause: error });
}
