import type { Admin } from "../../_shared/admin.ts";
import type { Outcome } from "../drain.ts";
import type { Job } from "../queue.ts";
import type { Objects } from "./objects.ts";

/** What the database has of an object that is to go; a job bears the id of its removal. */
interface Removal {
  id: string;
  path: string;
}

/**
 * Removes the objects that the jobs are about, together, and notes it. Ended between the two, they are removed again,
 * which does nothing: no path is used a second time before the note.
 */
export function createRemoval(admin: Admin, objects: Objects): (jobs: Job[]) => Promise<Outcome[]> {
  return async (jobs) => {
    const pending = await admin.rpc<Removal[]>("worker_removals", { ids: jobs.map(({ id }) => id) });
    if (pending.length > 0) {
      await objects.remove(pending.map(({ path }) => path));
      await admin.rpc<number>("worker_removed", { ids: pending.map(({ id }) => id) });
    }
    const removed = new Set(pending.map(({ id }) => id));
    return jobs.map(({ id }) => (removed.has(id) ? "done" : "repeated"));
  };
}
