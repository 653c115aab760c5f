import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import { answers, commandOf, processesIn, signal, until, workingFolder } from "../process/running.ts";

/**
 * Ends a Postgres that outlived its parent, and whatever still works on the cluster: a killed server's children
 * live on until they notice, and hold the shared memory that the next server needs.
 * @returns ids of the processes that were ended
 */
export async function endOrphan(cluster: string): Promise<number[]> {
  const note = path.join(cluster, "postmaster.pid");
  const noted = existsSync(note) ? Number(readFileSync(note, "utf8").split("\n")[0]) : 0;
  const servers = noted > 0 && worksOn(noted, cluster) ? [noted] : [];
  await end(servers, ["SIGINT", "SIGQUIT", "SIGKILL"]);
  const here = existsSync(cluster) ? processesIn(realpathSync(cluster)) : [];
  const children = here.filter(isPostgres);
  await end(children, ["SIGQUIT", "SIGKILL"]);
  // A number that answers and is no Postgres, somebody else's or a zombie's, would keep a new server from
  // starting; what to do with the note of one that is gone for good, Postgres knows itself.
  if (noted > 0 && answers(noted) && !isPostgres(noted)) rmSync(note, { force: true });
  return [...servers, ...children];
}

const isPostgres = (pid: number) => commandOf(pid)?.includes("postgres") === true;

// The working folder is certain; where it is hidden (another user's process in a container), the words must do.
function worksOn(pid: number, cluster: string): boolean {
  const folder = workingFolder(pid);
  return (
    isPostgres(pid) &&
    (folder ? folder === realpathSync(cluster) : commandOf(pid)?.includes(cluster) === true)
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
