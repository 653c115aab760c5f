import { type Admin, DatabaseRefusal } from "../../_shared/admin.ts";
import { Problem } from "../../_shared/problem.ts";
import type { Letter } from "../mail/deliver.ts";
import type { Job, QueueName } from "../queue.ts";

export interface Failed {
  job: string;
  reason: string;
  final: boolean;
}

/** Queues in this process: what the database does, without its time and its memory. */
export interface MemoryQueues {
  admin: Admin;
  waiting: Record<QueueName, Job[]>;
  performed: string[];
  finished: number[];
  failed: Failed[];
  sent: [mail: string, provider: string | null][];
  letters: Map<string, Letter>;
  /** Paths of objects that are to go, by the ids of their removals. */
  removals: Map<string, string>;
  /** How many each claim asked for, by queue. */
  asked: Record<QueueName, number[]>;
  /** How many jobs each call performed. */
  together: number[];
  /** The most calls that were performing at once. */
  peak: number;
  /** Called before a job is performed: what it gives, the job failed with; what it throws, the whole call. */
  onPerform(job: string): Promise<string | undefined> | string | undefined;
}

/** Arguments of all calls, by name. */
interface Values {
  queue: QueueName;
  quantity: number;
  messages: number[];
  jobs: { id: string }[];
  job: string;
  reason: string;
  final: boolean;
  mail: string;
  provider_id: string | null;
  ids: string[];
}

/** What the database's answer becomes when it refuses for a reason of its own. */
export const refusal = (code: string) =>
  new Problem(500, "NETWORK_SERVER", "refused", { cause: new DatabaseRefusal(400, code) });

/** What becomes of a database that is not there. */
export const unreachable = () =>
  new Problem(503, "NETWORK_SERVER", "away", { cause: new Error("fetch failed") });

export function openMemory(): MemoryQueues {
  let running = 0;
  const had = new Set<string>();
  const memory: MemoryQueues = {
    waiting: { jobs: [], mail: [], files: [] },
    performed: [],
    finished: [],
    failed: [],
    sent: [],
    letters: new Map(),
    removals: new Map(),
    asked: { jobs: [], mail: [], files: [] },
    together: [],
    peak: 0,
    onPerform: () => undefined,
    admin: {
      async rpc<Result>(name: string, values: Record<string, unknown>): Promise<Result> {
        return (await calls[name]?.(values as unknown as Values)) as Result;
      },
      sign: async () => Promise.reject(unreachable()),
    },
  };
  const performOne = async (id: string): Promise<string> => {
    const failed = await memory.onPerform(id);
    if (failed) return failed;
    if (had.has(id)) return "repeated";
    had.add(id);
    memory.performed.push(id);
    return "done";
  };
  const calls: Record<string, (values: Values) => unknown> = {
    worker_claim({ queue, quantity }) {
      memory.asked[queue].push(quantity);
      return memory.waiting[queue].splice(0, quantity);
    },
    async worker_perform({ jobs }) {
      memory.together.push(jobs.length);
      memory.peak = Math.max(memory.peak, ++running);
      const outcomes: string[] = [];
      try {
        for (const { id } of jobs) outcomes.push(await performOne(id));
      } finally {
        running--;
      }
      return outcomes;
    },
    worker_finish: ({ messages }) => memory.finished.push(...messages),
    worker_fail({ job, reason, final }) {
      memory.failed.push({ job, reason, final });
      return final ? null : 10;
    },
    worker_removals: ({ ids }) =>
      [...memory.removals].filter(([id]) => ids.includes(id)).map(([id, path]) => ({ id, path })),
    worker_removed: ({ ids }) => ids.filter((id) => memory.removals.delete(id)).length,
    worker_mail_begin: ({ mail }) => memory.letters.get(mail) ?? null,
    worker_mail_sent: ({ mail, provider_id }) => memory.sent.push([mail, provider_id]) > 0,
  };
  return memory;
}

let messages = 0;

export const jobOf = (id: string, kind = "mark"): Job => ({
  message: ++messages,
  id,
  kind,
  data: {},
  attempt: 1,
});
