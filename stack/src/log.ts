import type { Log } from "./part.ts";

const levels = ["debug", "info", "warn", "error"] as const;
type Level = (typeof levels)[number];

/**
 * A logger that writes one JSON line per event.
 * @param write receives each line, newline included
 * @param least events below this level are dropped; default `info`
 */
export function createLog(write: (line: string) => void, least: Level = "info"): Log {
  const floor = levels.indexOf(least);
  const at =
    (level: Level) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      if (levels.indexOf(level) < floor) return;
      write(`${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
