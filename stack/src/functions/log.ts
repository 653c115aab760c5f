import { mkdirSync } from "node:fs";
import path from "node:path";
import { createLog } from "../log.ts";
import { openLogFile } from "../log-file.ts";
import type { Log } from "../part.ts";

/** What functions log, and what the runtime has to say of them: one file, each line with its function's name. */
export interface FunctionLog {
  of(name: string): Log;
  close(): void;
}

/** The file of that log in a data directory. */
export const functionLogFile = (dataDir: string) => path.join(dataDir, "functions", "functions.log");

/** @param folder made when missing */
export function openFunctionLog(folder: string): FunctionLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = openLogFile(path.join(folder, "functions.log"));
  const log = createLog((line) => file.write(line), "debug");
  return {
    of: (name) => named(log, name),
    close: () => file.close(),
  };
}

function named(log: Log, name: string): Log {
  const at =
    (level: keyof Log) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      log[level](event, { function: name, ...fields });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
