import type { Job, Queue } from "./queue.ts";

/** How a job went: its effect was had now, or had been had before. */
export type Outcome = "done" | "repeated";

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
  perform(job: Job): Promise<Outcome>;
  /** What to note of an error; throws it again where it says nothing of the job, but of the database. */
  explain(error: unknown): JobFailure;
  /** Jobs at a time. */
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
    if (jobs.length === 0) break;
    await settle(queue, jobs, options, counts);
  }
  return counts;
}

/** Does the jobs of one claim, and takes off what is done in one go, also when the rest could not be done. */
async function settle(queue: Queue, jobs: Job[], options: Drain, counts: Counts): Promise<void> {
  const waiting = [...jobs];
  const finished: Job[] = [];
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      if (Date.now() >= options.until) {
        counts.left++;
        continue;
      }
      const outcome = await attempt(queue, job, options);
      counts[outcome]++;
      if (outcome === "done" || outcome === "repeated") finished.push(job);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: options.concurrency }, work));
  await queue.finish(finished);
  const broken = ended.find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
}

async function attempt(queue: Queue, job: Job, { perform, explain }: Drain): Promise<keyof Counts> {
  try {
    return await perform(job);
  } catch (error) {
    return (await queue.fail(job, failureOf(explain(error)))) ? "dead" : "failed";
  }
}

const failureOf = ({ reason, final }: JobFailure) => ({ reason, final });
