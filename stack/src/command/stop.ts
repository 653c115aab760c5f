import { lockHolder } from "../data-directory.ts";
import { commandOf, until } from "../process/running.ts";
import { dataFolder, readWords } from "./arguments.ts";

/** Stops the running stack and waits until it has ended; where none runs, that is said and is no failure. */
export async function stop(words: string[]): Promise<number> {
  const folder = dataFolder(readWords(words, {}).values);
  const pid = await lockHolder(folder);
  if (pid === null) {
    process.stdout.write(`no stack runs on ${folder}\n`);
    return 0;
  }
  process.kill(pid, "SIGTERM");
  if (!(await until(() => commandOf(pid) === null, 30_000, 50)))
    throw new Error(`cannot stop process ${pid}: it did not end within 30 s; end it with kill -9 ${pid}`);
  process.stdout.write("stopped\n");
  return 0;
}
