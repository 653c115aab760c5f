import { readRunning } from "../data/state.ts";
import { dataFolder, readWords } from "./arguments.ts";

/** Prints addresses and keys of the running stack. */
export async function status(words: string[]): Promise<number> {
  const { values } = readWords(words, { json: { type: "boolean" } });
  const folder = dataFolder(values);
  const running = await readRunning(folder);
  if (running?.env) {
    const lines = Object.entries(running.env).map(([name, value]) => `${name}=${value}`);
    process.stdout.write(values.json ? `${JSON.stringify(running.env)}\n` : `${lines.join("\n")}\n`);
    return 0;
  }
  process.stderr.write(
    running === null
      ? `no stack runs on ${folder}\n`
      : `a stack is starting on ${folder} (process ${running.pid})\n`,
  );
  return 1;
}
