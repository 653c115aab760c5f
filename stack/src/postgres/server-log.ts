import { closeSync, copyFileSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";

/** 10 MB: months of a development server, which says little. */
const full = 10_000_000;

/** What Postgres writes on its standard output, kept within bounds. */
export class ServerLog {
  #timer: NodeJS.Timeout | null = null;

  /** @param limit size in bytes from which on the log is set aside */
  constructor(
    readonly file: string,
    readonly limit = full,
  ) {}

  /** Hands a descriptor for the server's output to `use` and closes it afterwards: the server has its own by then. */
  lend<T>(use: (descriptor: number) => T): T {
    this.rotate();
    this.#timer ??= setInterval(() => this.rotate(), 60_000).unref();
    const descriptor = openSync(this.file, "a", 0o600);
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  // Copied and emptied: the server goes on writing to the same file, at its end.
  rotate(): void {
    if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) < this.limit) return;
    try {
      copyFileSync(this.file, `${this.file}.1`);
    } finally {
      truncateSync(this.file);
    }
  }

  /** Size now, for `since`. */
  get size(): number {
    return statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** The last lines that were written after a size. */
  since(size: number): string {
    const text = readFileSync(this.file).subarray(size).toString("utf8").trim();
    return text.split("\n").slice(-6).join("\n") || "it said nothing";
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
