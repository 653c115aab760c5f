import type { Admin } from "../_shared/admin.ts";

export type QueueName = "jobs" | "mail" | "files";

/** A job as it was claimed. */
export interface Job {
  /** Where it lies on its queue. */
  message: number;
  /** What makes a repeated job recognisable. */
  id: string;
  kind: string;
  data: Record<string, unknown>;
  /** How often it has been handed out, this time included. */
  attempt: number;
}

/** One queue as the worker sees it. */
export interface Queue {
  claim(quantity: number, seconds: number): Promise<Job[]>;
  finish(jobs: Job[]): Promise<void>;
  /** Puts a job off, or gives it up where it is `final` or has failed too often. @returns whether it was given up */
  fail(job: Job, failure: { reason: string; final: boolean }): Promise<boolean>;
}

export function openQueue(admin: Admin, queue: QueueName): Queue {
  return {
    claim: (quantity, seconds) => admin.rpc<Job[]>("worker_claim", { queue, quantity, seconds }),
    async finish(jobs) {
      if (jobs.length === 0) return;
      await admin.rpc<number>("worker_finish", { queue, messages: jobs.map(({ message }) => message) });
    },
    async fail({ message, id, kind, data }, failure) {
      const wait = await admin.rpc<number | null>("worker_fail", {
        ...{ queue, message, job: id, kind, data },
        ...failure,
      });
      return wait === null;
    },
  };
}
