import type { Job, Queue } from "./queue.ts";

/** How a job went: its effect was had now, or had been had before, or it failed. */
export type Outcome = "done" | "repeated" | JobFailure;

/** What became of the jobs that were claimed. */
export interface Counts {
  done: number;
  repeated: number;
  /** Failed, and will come back. */
  failed: number;
  /** Failed for the last time. */
  dead: number;
  /** Not begun before the time was up; they come back when their claim ends. */
  left: number;
}

/** A failure that its thrower can say more of than that it happened. */
export class JobFailure extends Error {
  override readonly name = "JobFailure";
  /** A code for the operator, without anybody's words: `SMTP 451`. */
  readonly reason: string;
  /** Whether another attempt would fail as well. */
  readonly final: boolean;

  constructor(reason: string, { final = false, cause }: { final?: boolean; cause?: unknown } = {}) {
    super(reason, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.final = final;
  }
}

export interface Drain {
  /** Does jobs together; an outcome for each. What it throws, none of them was done with. */
  perform(jobs: Job[]): Promise<Outcome[]>;
  /** What to note of an error; throws it again where it says nothing of the job, but of the database. */
  explain(error: unknown): JobFailure;
  /** Jobs that are done together. */
  together: number;
  /** How often that, at a time. */
  concurrency: number;
  /** Jobs per claim. */
  quantity: number;
  /** Seconds for which claimed jobs are hidden from others. */
  visibility: number;
  /** Milliseconds since the epoch after which no job is begun. */
  until: number;
}

/** Does the jobs of a queue until none is due or the time is up. A job that fails holds no other up. */
export async function drain(queue: Queue, options: Drain): Promise<Counts> {
  const counts: Counts = { done: 0, repeated: 0, failed: 0, dead: 0, left: 0 };
  while (Date.now() < options.until) {
    const jobs = await queue.claim(options.quantity, options.visibility);
    await settle(queue, jobs, options, counts);
    if (jobs.length < options.quantity) break;
  }
  return counts;
}

/** Does the jobs of one claim, and takes off what is done in one go, also when the rest could not be done. */
async function settle(queue: Queue, jobs: Job[], options: Drain, counts: Counts): Promise<void> {
  const waiting = [...jobs];
  const finished: Job[] = [];
  const work = async () => {
    while (waiting.length > 0) {
      const next = waiting.splice(0, options.together);
      if (Date.now() >= options.until) {
        counts.left += next.length;
        continue;
      }
      for (const [job, became] of await attempt(queue, next, options)) {
        counts[became]++;
        if (became === "done" || became === "repeated") finished.push(job);
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: options.concurrency }, work));
  await queue.finish(finished);
  const broken = ended.find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
}

async function attempt(queue: Queue, jobs: Job[], options: Drain): Promise<[Job, keyof Counts][]> {
  const outcomes = await performAll(jobs, options);
  return Promise.all(
    jobs.map(async (job, at): Promise<[Job, keyof Counts]> => {
      const outcome = outcomes[at] ?? new JobFailure("no answer");
      if (!(outcome instanceof JobFailure)) return [job, outcome];
      const { reason, final } = outcome;
      return [job, (await queue.fail(job, { reason, final })) ? "dead" : "failed"];
    }),
  );
}

/** Where jobs failed together (one took all the time), each is tried alone, so that its fault falls on itself. */
async function performAll(jobs: Job[], options: Drain): Promise<Outcome[]> {
  try {
    return await options.perform(jobs);
  } catch (error) {
    const failure = options.explain(error);
    if (jobs.length === 1) return [failure];
  }
  const outcomes: Outcome[] = [];
  for (const job of jobs) outcomes.push(...(await performAll([job], options)));
  return outcomes;
}
