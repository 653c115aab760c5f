import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../access/database.ts";
import { markPrefix } from "./decoder.ts";

/** Marks that are written into the WAL and waited for: when one passes, everything before it has been told. */
export class Marks {
  readonly #waiting = new Map<string, () => void>();

  /** @returns when all that was committed before has been told, or the patience is over */
  async pass(database: Database, patience: number): Promise<void> {
    const mark = randomUUID();
    const late = new AbortController();
    const passed = new Promise<void>((resolve) => this.#waiting.set(mark, resolve));
    try {
      await database.query("select pg_logical_emit_message(true, $1, $2::text)", [markPrefix, mark], "mark");
      await Promise.race([passed, wait(patience, undefined, { ref: false, signal: late.signal })]);
    } finally {
      late.abort();
      this.#waiting.delete(mark);
    }
  }

  /** Has been reached. */
  reach(mark: string): void {
    this.#waiting.get(mark)?.();
  }
}
