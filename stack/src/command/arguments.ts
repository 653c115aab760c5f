import path from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";

/** The words of a command are wrong; nothing was done. */
export class UsageError extends Error {}

const folders = { project: { type: "string" }, data: { type: "string" } } as const;

/**
 * Reads a command's words; every command knows `--project` and `--data`.
 * @throws UsageError
 */
export function readWords<O extends NonNullable<ParseArgsConfig["options"]>>(
  words: string[],
  options: O,
  positionals = 0,
) {
  try {
    const parsed = parseArgs({
      args: words,
      options: { ...folders, ...options },
      allowPositionals: positionals > 0,
    });
    if (parsed.positionals.length !== positionals)
      throw new UsageError(`got ${parsed.positionals.length} names, want ${positionals}`);
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
