import { lockHolder } from "../data/lock.ts";
import { signal, until } from "../process/running.ts";
import { dataFolder, readWords } from "./arguments.ts";

/** What a stack may take to finish answers under way and write its checkpoint, in milliseconds. */
const patience = 40_000;

/** Stops the running stack and waits until it has ended; where none runs, that is said and is no failure. */
export async function stop(words: string[]): Promise<number> {
  const folder = dataFolder(readWords(words, {}).values);
  const pid = await lockHolder(folder);
  if (pid === null) {
    process.stdout.write(`no stack runs on ${folder}\n`);
    return 0;
  }
  ask(pid);
  // The lock goes last; the process may go on when it is somebody's own program that calls startStack().
  if (!(await until(async () => (await lockHolder(folder)) !== pid, patience, 50)))
    throw new Error(
      `cannot stop process ${pid}: it did not end within ${patience / 1000} s; end it with kill -9 ${pid}`,
    );
  process.stdout.write("stopped\n");
  return 0;
}

function ask(pid: number): void {
  try {
    signal(pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    throw new Error(`cannot stop process ${pid}: it belongs to another user; stop it as that user`);
  }
}
