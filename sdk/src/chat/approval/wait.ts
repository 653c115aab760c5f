import { real } from "../../retry/around.ts";

/** Milliseconds; read at use, so that a test can have shorter ones. */
export const pace = {
  /** How long a code is good for: docs/protocol.md §22. */
  life: 600_000,
  /** Between two looks at the server, should what it tells be lost. */
  poll: 5_000,
};

/** Calls back when the user's own topic speaks of a table, null when something was lost. @returns Ends it. */
export type Hear = (listener: (table: string | null) => void) => () => void;

/** Waits until the user's own topic speaks of one of these tables, or it is time to look anyway. */
export async function until(hear: Hear, tables: readonly string[], signal: AbortSignal): Promise<void> {
  const woken = new AbortController();
  const wake = (): void => woken.abort();
  const stop = hear((table) => (table === null || tables.includes(table)) && wake());
  signal.addEventListener("abort", wake, { once: true });
  if (signal.aborted) wake();
  await real.wait(pace.poll, woken.signal);
  signal.removeEventListener("abort", wake);
  stop();
}
