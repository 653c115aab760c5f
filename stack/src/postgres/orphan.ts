import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import { commandOf, processesIn, signal, until, workingFolder } from "../process/running.ts";

/**
 * Ends a Postgres that outlived its parent, and whatever still works on the cluster: a killed server's children
 * live on until they notice, and hold the shared memory that the next server needs.
 * @returns ids of the processes that were ended
 */
export async function endOrphan(cluster: string): Promise<number[]> {
  const server = serverOn(cluster);
  if (server !== null) await end([server], ["SIGINT", "SIGQUIT", "SIGKILL"]);
  const here = existsSync(cluster) ? processesIn(realpathSync(cluster)) : [];
  const children = here.filter((pid) => commandOf(pid)?.includes("postgres"));
  await end(children, ["SIGQUIT", "SIGKILL"]);
  return server === null ? children : [server, ...children];
}

/** The living server that `postmaster.pid` names. */
function serverOn(cluster: string): number | null {
  const note = path.join(cluster, "postmaster.pid");
  const pid = existsSync(note) ? Number(readFileSync(note, "utf8").split("\n")[0]) : 0;
  const command = pid > 0 ? commandOf(pid) : null;
  // Postgres itself knows what to do with the note of a server that has ended.
  if (command === null) return null;
  // Ids are reused: only a postgres on this very folder is ours, and it would not start beside anything else.
  if (!command.includes("postgres")) rmSync(note, { force: true });
  return worksOn(pid, command, cluster) ? pid : null;
}

// The working folder is certain; where it is hidden (another user's process in a container), the words must do.
function worksOn(pid: number, command: string, cluster: string): boolean {
  const folder = workingFolder(pid);
  return (
    command.includes("postgres") && (folder ? folder === realpathSync(cluster) : command.includes(cluster))
  );
}

/** Signals, each harder than the one before, until none of the processes is left. */
async function end(pids: number[], signals: NodeJS.Signals[]): Promise<void> {
  for (const name of signals) {
    const alive = pids.filter((pid) => commandOf(pid) !== null);
    for (const pid of alive) signal(pid, name);
    if (await until(() => alive.every((pid) => commandOf(pid) === null), 10_000)) return;
  }
}
