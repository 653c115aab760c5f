import { isTrackItError, TrackItError } from "../errors.ts";
import type { EngineParts, RoundResult } from "./engine.ts";
import { type Entry, shownPending, type Thing, toFailure } from "./entry.ts";
import { follow } from "./follow.ts";
import { ready } from "./order.ts";
import { verdictOn } from "./send.ts";

/** Requests on their way at once, each of another goal or task. */
const AT_ONCE = 4;
/** A server that fails as often on one write fails because of it. */
const MOST_SERVER_ERRORS = 10;

/** Sends every write that can be sent, each once: in order where order counts, a few at a time elsewhere. */
export async function runRound(parts: EngineParts, going: Set<string>): Promise<RoundResult> {
  const result: RoundResult = { sent: 0, stop: null };
  const tried = new Set<string>();
  const running = new Set<Promise<void>>();
  const halted = (): boolean => result.stop === "offline" || result.stop === "signedOut";
  for (;;) {
    const entries = halted() ? [] : await parts.ledger.read();
    const next = ready(entries)
      .filter(({ id }) => !tried.has(id))
      .slice(0, AT_ONCE - running.size);
    if (next.length > 0 && !(await parts.isCurrent())) {
      result.stop = "signedOut";
      continue;
    }
    for (const entry of next) {
      tried.add(entry.id);
      going.add(entry.id);
      const one: Promise<void> = sendOne(parts, entry, result).finally(() => {
        going.delete(entry.id);
        running.delete(one);
      });
      running.add(one);
    }
    if (running.size === 0) return result;
    await Promise.race(running);
  }
}

async function sendOne(parts: EngineParts, entry: Entry, result: RoundResult): Promise<void> {
  const { action, intent, base } = entry;
  const outcome = await parts
    .send(intent, { action, base, lastWins: false, isRepeated: entry.attempts > 0 })
    .catch((cause: unknown) =>
      isTrackItError(cause)
        ? cause
        : new TrackItError("NETWORK_SERVER", `${action}: the answer makes no sense`, { cause }),
    );
  if (!Array.isArray(outcome)) return refuse(parts, entry, outcome, result);
  await settle(parts, entry, outcome);
  result.sent += 1;
}

/** Takes a sent write out, and lets the next one of the same row go on from the version that it has now. */
async function settle(
  { ledger, tell, remember, userId }: EngineParts,
  entry: Entry,
  rows: Thing[],
): Promise<void> {
  // Before it is taken out: from then on later changes are based on what was seen.
  remember(rows);
  await ledger.change((entries) => {
    const put = rows.flatMap((row) => follow(entries, entry.seq, row, row.version, userId));
    return { drop: [entry], put, answer: null };
  });
  tell({ kind: "sent", write: shownPending(entry), rows });
}

async function refuse(
  { ledger, tell }: EngineParts,
  entry: Entry,
  error: TrackItError,
  result: RoundResult,
): Promise<void> {
  const verdict = verdictOn(error);
  const attempts = entry.attempts + 1;
  const hopeless = error.code === "NETWORK_SERVER" && attempts >= MOST_SERVER_ERRORS;
  const failure = verdict === "failed" || hopeless ? toFailure(error) : null;
  // It may have been cancelled or settled by another tab meanwhile.
  const changed = await ledger.change<Entry | null>((entries) => {
    const now = entries.find(({ id }) => id === entry.id);
    const next = now ? { ...now, attempts, failure } : null;
    return { put: next ? [next] : [], answer: next };
  });
  if (failure && changed) tell({ kind: "failed", write: shownPending(changed), rows: changed.rows });
  if (verdict === "failed" || hopeless) return;
  if (result.stop === null || result.stop === "later") result.stop = verdict;
  if (error.retryAfter !== undefined) result.after = Math.max(result.after ?? 0, error.retryAfter);
}
