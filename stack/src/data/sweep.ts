import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { endOrphan } from "../postgres/orphan.ts";
import { lockHolder, lockName } from "./lock.ts";

/** How the folders of ephemeral stacks begin, below the system's folder for temporary files. */
export const ephemeralPrefix = "trackit-";

const pattern = new RegExp(`^${ephemeralPrefix}[A-Za-z0-9]{6}$`);

/** Removes what ephemeral stacks left behind that were killed before they could do it themselves. */
export async function sweepEphemeral(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = path.join(tmpdir(), name);
    if (pattern.test(name) && (await isAbandoned(folder))) await remove(folder);
  }
}

// Without a lock it is not ours, or made at this moment by a start that has not come to its lock yet.
async function isAbandoned(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((one) => lockName.test(one)) && (await lockHolder(folder)) === null;
}

// Another user's folder cannot be removed, and need not be.
async function remove(folder: string): Promise<void> {
  try {
    await endOrphan(path.join(folder, "postgres", "cluster"));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {}
}
