import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { takeDataDirectory } from "../data/directory.ts";
import { AlreadyRunningError, lockHolder } from "../data/lock.ts";
import { clusterPath } from "../postgres/cluster.ts";
import { endOrphan } from "../postgres/orphan.ts";
import { dataFolder, readWords, UsageError } from "./arguments.ts";

/** What holds users' data; the keys stay, so that configured apps go on working. */
const emptied = ["postgres", "storage", "mail"];

/** Empties a data directory; the next start makes the database anew. */
export async function reset(words: string[]): Promise<number> {
  const { values } = readWords(words, { yes: { type: "boolean" } });
  const folder = dataFolder(values);
  if (!existsSync(folder)) {
    process.stdout.write(`nothing to empty: there is no ${folder}\n`);
    return 0;
  }
  const pid = await lockHolder(folder);
  if (pid !== null) throw new AlreadyRunningError(folder, pid);
  if (!values.yes && !(await agrees(folder))) {
    process.stdout.write("nothing was changed\n");
    return 1;
  }
  await empty(folder);
  process.stdout.write("empty; the next start makes the database anew and applies every migration\n");
  return 0;
}

async function empty(folder: string): Promise<void> {
  const directory = await takeDataDirectory(folder);
  try {
    // A server that outlived its killed stack would go on writing.
    await endOrphan(clusterPath(directory.file("postgres")));
    for (const name of emptied)
      await rm(directory.file(name), { recursive: true, force: true, maxRetries: 5 });
  } finally {
    await directory.release();
  }
}

async function agrees(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("reset deletes every row, file and mail: say --yes");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(
    `Delete every row, file and mail in ${path.resolve(folder)}? Type yes: `,
  );
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}
