import { readRunning } from "../data-directory.ts";
import { dataFolder, readWords } from "./arguments.ts";

/** Prints addresses and keys of the running stack. */
export async function status(words: string[]): Promise<number> {
  const { values } = readWords(words, { json: { type: "boolean" } });
  const folder = dataFolder(values);
  const running = await readRunning(folder);
  if (running === null) {
    process.stderr.write(`no stack runs on ${folder}\n`);
    return 1;
  }
  const lines = Object.entries(running.env).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(values.json ? `${JSON.stringify(running.env)}\n` : `${lines.join("\n")}\n`);
  return 0;
}
