import type { ChildProcess } from "node:child_process";
import { until } from "../process/running.ts";

/** Whether a child runs no more; without an id it has never begun. */
export const ended = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

// SIGINT is Postgres' fast shutdown, with a checkpoint; SIGQUIT leaves recovery to the next start.
const signals = [
  ["SIGINT", 20_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
] as const;

/** Ends a server, each time harder when it takes too long. */
export async function endServer(child: ChildProcess): Promise<void> {
  for (const [signal, within] of signals) {
    if (ended(child)) return;
    child.kill(signal);
    if (await until(() => ended(child), within)) return;
  }
}
