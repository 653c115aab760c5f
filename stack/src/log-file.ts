import { appendFileSync, renameSync, statSync } from "node:fs";

/** Size in bytes from which on a log is set aside as `NAME.1`, in the place of the one before. */
const full = 10_000_000;

/** How long lines are collected before they are written, in milliseconds. */
const collect = 20;

/** A file of lines that others write while it is open, bounded in size. */
export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * Opens a log file (0600) for lines that are written in groups: an access log must not cost each request a call
 * of the file system. A log that cannot be written (a full disk) takes nothing down with it; once there is room
 * again, it says how many lines are missing.
 */
export function openLogFile(file: string, limit = full): LogFile {
  let waiting: string[] = [];
  let missing = 0;
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let timer: NodeJS.Timeout | null = null;

  const flush = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    try {
      if (size >= limit) renameSync(file, `${file}.1`);
      if (size >= limit) size = 0;
      const text = (missing > 0 ? gap(missing) : "") + lines.join("");
      appendFileSync(file, text, { mode: 0o600 });
      size += Buffer.byteLength(text);
      missing = 0;
    } catch {
      missing += lines.length;
    }
  };
  process.on("exit", flush);
  return {
    write(line) {
      waiting.push(line);
      timer ??= setTimeout(flush, collect).unref();
    },
    close() {
      process.off("exit", flush);
      flush();
    },
  };
}

const gap = (lines: number) =>
  `\n${JSON.stringify({ at: new Date().toISOString(), level: "warn", event: "log.gap", lines })}\n`;
