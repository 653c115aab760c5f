import { UsageError } from "./arguments.ts";
import { help } from "./help.ts";

/** A command takes the words behind its name and answers with the exit code. */
export type Command = (words: string[]) => Promise<number>;

// Loaded when asked for: `status` need not wait until a whole stack is read.
const commands: Record<string, () => Promise<Command>> = {
  start: async () => (await import("./start.ts")).start,
  status: async () => (await import("./status.ts")).status,
  stop: async () => (await import("./stop.ts")).stop,
  reset: async () => (await import("./reset.ts")).reset,
  logs: async () => (await import("./logs.ts")).logs,
  functions: async () => (await import("./functions.ts")).functions,
  backup: async () => (await import("./backup.ts")).backup,
  restore: async () => (await import("./backup.ts")).restore,
};

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
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (!load)
      throw new UsageError(`no command is called "${name}", want one of ${Object.keys(commands).join(", ")}`);
    return await (await load())(rest);
  } catch (error) {
    const wrongWords = error instanceof UsageError;
    process.stderr.write(`trackit-stack: ${(error as Error).message}\n`);
    if (wrongWords) process.stderr.write("See npx trackit-stack help.\n");
    else if (process.env.TRACKIT_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
    return wrongWords ? 2 : 1;
  }
}
