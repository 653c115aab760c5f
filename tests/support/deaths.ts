import { existsSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { killFound, postmaster, query, type Up, waitFor } from "../story/stack-kit.ts";
import type { Dice } from "./random.ts";

/** The whole stack, all of Postgres, or the one server process that is just being talked to. */
export type Victim = "stack" | "postgres" | "backend";

/** Who is killed when: at the so many-th time that a step is reached (see death-hook.cjs); null: at any moment. */
export interface Death {
  at: string | null;
  count: number;
  victim: Victim;
}

const around = (...steps: string[]): string[] => steps.flatMap((step) => [`before ${step}`, `after ${step}`]);
const through = (...steps: string[]): string[] =>
  steps.flatMap((step) => [`before ${step}`, `while ${step}`, `after ${step}`]);
const request = (subject: string): string[] => [
  `while body of ${subject}`,
  ...around(`answer of ${subject}`),
];

/** Steps in which Storage takes bytes in, names them and lets go of them. */
export const storing = [
  ...request("storage"),
  ...around("file made", "bytes written", "file synced", "folder synced", "file linked", "file removed"),
  ...around("upload's file made", "part written"),
  ...through(
    "row written",
    "row moved",
    "row removed",
    "name locked",
    "commit",
    "upload noted",
    "upload ended",
  ),
];

/** Steps of the sweep, which runs when a stack starts. */
export const sweeping = [
  ...through("uploads expired"),
  ...around("rows of files asked", "file removed"),
] as const;

/** Calls by which files come and go. */
export const filing = [
  "reserve_file",
  "reserve_version",
  "complete_upload",
  "cancel_upload",
  "purge_files",
  "worker_removals",
  "worker_removed",
].flatMap((name) => around(`answer of ${name}`));

/** So many deaths: every second one at a step, each step once before one comes again; the others at any moment. */
export function deaths(roll: Dice, count: number, steps: readonly string[]): Death[] {
  const planned: string[] = [];
  while (planned.length < count / 2) planned.push(...roll.shuffled(steps));
  return Array.from({ length: count }, (_, n) =>
    n % 2 === 0
      ? { at: null, count: 1, victim: roll.pick(["stack", "stack", "postgres", "backend"]) }
      : deathAt(roll, planned[(n - 1) / 2] ?? ""),
  );
}

function deathAt(roll: Dice, at: string): Death {
  // Whoever is talked to is known in the middle of a statement alone.
  const victims: Victim[] =
    at.startsWith("while ") && !at.includes(" body of ") ? ["backend", "backend"] : [];
  return { at, count: roll.between(1, 3), victim: roll.pick(["stack", "stack", "postgres", ...victims]) };
}

const hook = path.join(import.meta.dirname, "death-hook.cjs");

/** Lets a stack die at chosen steps. */
export class Reaper {
  readonly #file: string;

  /** @param folder of its own */
  constructor(folder: string) {
    this.#file = path.join(folder, "death.json");
  }

  /** What a stack is to be started with. */
  get options(): { node: string[]; env: Record<string, string> } {
    return { node: ["--require", hook], env: { TRACKIT_DEATH: this.#file } };
  }

  /** @param data the stack's data directory */
  arm({ at, count, victim }: Death, data: string): void {
    const cluster = path.join(data, "postgres", "cluster");
    // Whole or not there.
    writeFileSync(`${this.#file}.new`, JSON.stringify({ at, count, victim, cluster }));
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** Whether what was armed has happened. */
  get isDone(): boolean {
    return !existsSync(this.#file);
  }

  /** Waits for a death that was armed, or has one happen now. @throws Error naming a step that is not reached */
  async strike(death: Death, up: Up): Promise<void> {
    if (death.at === null) return void (await kill(death.victim, up));
    this.arm(death, up.data);
    await waitFor(() => this.isDone, 240_000).catch((cause: unknown) => {
      throw new Error(`killing ${death.victim} ${death.at}, time ${death.count}: it was not reached`, {
        cause,
      });
    });
  }
}

async function kill(victim: Victim, up: Up): Promise<number> {
  const backends = "select pid from pg_stat_activity where pid <> pg_backend_pid() order by random() limit 1";
  const find = async (): Promise<number> => {
    if (victim === "stack") return up.pid;
    if (victim === "postgres") return postmaster(up);
    return (await query<{ pid: number }>(up, backends))[0]?.pid ?? 0;
  };
  return killFound(find, (pid) => pid);
}
