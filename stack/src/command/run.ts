import { UsageError } from "./arguments.ts";
import { backup, restore } from "./backup.ts";
import { functions } from "./functions.ts";
import { help } from "./help.ts";
import { logs } from "./logs.ts";
import { reset } from "./reset.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";

/** A command takes the words behind its name and answers with the exit code. */
export type Command = (words: string[]) => Promise<number>;

const commands: Record<string, Command> = { start, status, stop, reset, logs, functions, backup, restore };

/**
 * Runs `trackit-stack …`.
 * @returns exit code: 0 done, 1 it did not work, 2 the words are wrong
 */
export async function runCommand(words: string[]): Promise<number> {
  const [name = "help", ...rest] = words;
  if (name === "help" || name === "--help" || name === "-h" || rest.includes("--help")) {
    process.stdout.write(help);
    return 0;
  }
  const command = commands[name];
  try {
    if (!command || !Object.hasOwn(commands, name))
      throw new UsageError(`no command is called "${name}", want one of ${Object.keys(commands).join(", ")}`);
    return await command(rest);
  } catch (error) {
    const wrongWords = error instanceof UsageError;
    process.stderr.write(`trackit-stack: ${(error as Error).message}\n`);
    if (wrongWords) process.stderr.write("See trackit-stack help.\n");
    else if (process.env.TRACKIT_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
    return wrongWords ? 2 : 1;
  }
}
