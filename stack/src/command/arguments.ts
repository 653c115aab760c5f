import path from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";

/** The words of a command are wrong; nothing was done. */
export class UsageError extends Error {}

const folders = { project: { type: "string" }, data: { type: "string" } } as const;

/**
 * Reads a command's words; every command knows `--project` and `--data`.
 * @param names of the words that it wants besides options
 * @throws UsageError
 */
export function readWords<O extends NonNullable<ParseArgsConfig["options"]>>(
  words: string[],
  options: O,
  names: readonly string[] = [],
) {
  try {
    const parsed = parseArgs({
      args: words,
      options: { ...folders, ...options },
      allowPositionals: names.length > 0,
    });
    const missing = names[parsed.positionals.length];
    if (missing) throw new UsageError(`${missing} is missing`);
    const extra = parsed.positionals[names.length];
    if (extra) throw new UsageError(`"${extra}" is one word too many, want ${names.join(" ")}`);
    return parsed;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The data directory that a command is about: `--data`, or `.trackit` in `--project` or here. */
export function dataFolder(values: { project?: string | undefined; data?: string | undefined }): string {
  return path.resolve(values.data ?? path.join(values.project ?? ".", ".trackit"));
}

/** A port from a word. @throws UsageError */
export function readPort(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const port = Number(word);
  if (!Number.isInteger(port) || port < 0 || port > 65_530)
    throw new UsageError(`--port is "${word}", want a whole number from 0 (free ports) to 65530`);
  return port;
}
