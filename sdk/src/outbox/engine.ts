import { TrackItError } from "../errors.ts";
import { uuid7 } from "../ids/uuid7.ts";
import type { Intent } from "../rows/keeper.ts";
import { notFound } from "../rows/read.ts";
import { untouched } from "../rows/update.ts";
import type { Lock } from "../store/lock.ts";
import { type Entry, shownPending, type Thing } from "./entry.ts";
import { follow } from "./follow.ts";
import type { Ledger } from "./ledger.ts";
import { foreseen } from "./optimistic.ts";
import { fallingWith, keyOf, keysOf, waitsFor } from "./order.ts";
import { runRound } from "./round.ts";
import type { Send } from "./send.ts";
import type { FlushReport, OutboxChange } from "./types.ts";

export interface EngineParts {
  /** Whose writes these are. */
  userId: string;
  ledger: Ledger;
  lock: Lock;
  send: Send;
  /** Whether this user is the one that is signed in, so that nothing goes out under another name. */
  isCurrent(): Promise<boolean>;
  now(): number;
  max: number;
  tell(change: OutboxChange): void;
  /** Takes note of rows as the server has them now. */
  remember(rows: readonly Thing[]): void;
}

/** How a write came to be kept. */
export interface Keeping {
  action: string;
  version?: number | undefined;
  /** How often it was tried before. */
  attempts: number;
}

/** One user's kept writes: taking them in, sending a round of them, and what a person decides about them. */
export class Engine {
  readonly parts: EngineParts;
  /** Being sent at this moment, by this tab. */
  readonly #going = new Set<string>();

  constructor(parts: EngineParts) {
    this.parts = parts;
  }

  /** Whether a write has to wait for others that are kept. */
  async mustWait(intent: Intent): Promise<boolean> {
    const entries = await this.parts.ledger.read();
    const keys = keysOf(intent, latest(entries, intent));
    return entries.some((entry) => waitsFor(keys, entry));
  }

  /**
   * Takes a write in.
   *
   * @param known Gives the row as this tab last saw it, for changes; null when it never did.
   * @returns The rows as they will be; null when there is nothing to base the change on.
   * @throws LIMIT_OUTBOX, LIMIT_STORAGE: the write is not kept then, and what was kept before still is.
   */
  async keep(
    intent: Intent,
    known: () => Thing | null,
    { action, version, attempts }: Keeping,
  ): Promise<Thing[] | null> {
    const { ledger, now, tell } = this.parts;
    const kept = await ledger.change<Entry | null>((entries, seq) => {
      if (entries.length >= this.parts.max) throw full(action, this.parts.max);
      const waiting = latest(entries, intent);
      const before = waiting ?? known();
      if ("id" in intent) {
        if (before === null) return { answer: null };
        checkBase(intent, before, version, action);
      }
      const own = owned(intent, this.parts.userId);
      const entry: Entry = {
        id: uuid7(),
        seq,
        action,
        intent: own,
        ...keysOf(own, before),
        base: waiting || before === null ? null : (version ?? before.version),
        before: before ? [before] : [],
        rows: foreseen(own, before, this.parts.userId, now()),
        since: now(),
        attempts,
        failure: null,
      };
      return { put: [entry], answer: entry };
    });
    if (kept) tell({ kind: "kept", write: shownPending(kept), rows: kept.rows });
    return kept === null ? null : kept.rows;
  }

  /** Sends what can be sent; "busy" when another tab is at it. */
  async round(): Promise<RoundResult | "busy"> {
    let result: RoundResult = { sent: 0, stop: null };
    const done = await this.parts.lock.attempt(async () => {
      result = await runRound(this.parts, this.#going);
    });
    return done ? result : "busy";
  }

  async counts(): Promise<FlushReport> {
    const entries = await this.parts.ledger.read();
    const failed = entries.filter(({ failure }) => failure !== null).length;
    return { pending: entries.length - failed, failed };
  }

  async retry(id: string): Promise<void> {
    const entry = await this.parts.ledger.change<Entry>((entries) => {
      const found = entryOf(entries, id, "outbox.retry");
      const theirs = found.failure?.code === "CONFLICT_VERSION" ? versionIn(found.failure.details) : null;
      const again = { ...found, failure: null, attempts: 0, base: theirs ?? found.base };
      return { put: found.failure ? [again] : [], answer: again };
    });
    this.parts.tell({ kind: "retried", write: shownPending(entry), rows: entry.rows });
  }

  async cancel(id: string): Promise<Entry[]> {
    const fallen = await this.parts.ledger.change<Entry[]>((entries) => {
      const falling = fallingWith(entryOf(entries, id, "outbox.cancel"), entries);
      if (falling.some((one) => this.#going.has(one.id))) {
        throw new TrackItError("CONFLICT_BUSY", `outbox.cancel: ${id} is being sent`, { hint: "Ask again" });
      }
      return { drop: falling, put: rebased(entries, falling, this.parts), answer: falling };
    });
    for (const entry of fallen) {
      this.parts.tell({ kind: "cancelled", write: shownPending(entry), rows: entry.before });
    }
    return fallen;
  }
}

export interface RoundResult {
  sent: number;
  /** Why writes are left that could be sent later; null when none are. */
  stop: "offline" | "later" | "signedOut" | null;
  /** Seconds that the server asked for. */
  after?: number | undefined;
}

/** The row as the writes that wait for this one leave it; null when none does. */
function latest(entries: readonly Entry[], intent: Intent): Thing | null {
  if (!("id" in intent)) return null;
  const own = keyOf(intent.table, intent.id);
  const last = entries.findLast(({ writes }) => writes.includes(own));
  return last?.rows.find(({ id }) => id === intent.id) ?? null;
}

function checkBase(
  intent: Intent & { id: string },
  before: Thing,
  version: number | undefined,
  action: string,
): void {
  if (intent.kind !== "restore" && before.deletedAt !== null) throw notFound(intent.table, intent.id, action);
  if (version === undefined || version === before.version) return;
  const patch = "patch" in intent ? intent.patch : {};
  throw untouched(action, intent.id, patch, version, before, before.version);
}

/** What a user makes is the user's, whoever is signed in by the time that it is sent: the policies then refuse it. */
function owned(intent: Intent, userId: string): Intent {
  if (intent.kind !== "create") return intent;
  const rows = intent.rows.map((row) => ({ ...row, columns: { ...row.columns, owner_id: userId } }));
  return { ...intent, rows };
}

/** Writes after a forgotten one stand on what it stood on. */
function rebased(entries: readonly Entry[], fallen: readonly Entry[], parts: EngineParts): Entry[] {
  let left = entries.filter((entry) => !fallen.includes(entry));
  const changed = new Map<string, Entry>();
  // From the back: of several forgotten changes of one row, the oldest knows what was there.
  for (const { before, seq, base } of [...fallen].reverse()) {
    const [row] = before;
    for (const entry of row ? follow(left, seq, row, base, parts.userId) : []) {
      changed.set(entry.id, entry);
      left = left.map((one) => (one.id === entry.id ? entry : one));
    }
  }
  return [...changed.values()];
}

function entryOf(entries: readonly Entry[], id: string, action: string): Entry {
  const entry = entries.find((one) => one.id === id);
  if (entry) return entry;
  throw new TrackItError("ACCESS_NOT_FOUND", `${action}: no write waits as ${id}`, {
    field: "id",
    value: id,
    rule: "the id of a write in pending() or failed()",
  });
}

function full(action: string, max: number): TrackItError {
  return new TrackItError("LIMIT_OUTBOX", `${action}: ${max} writes wait already`, {
    value: max,
    rule: `at most ${max} waiting writes`,
    hint: "Connect, or cancel some of outbox.failed()",
  });
}

function versionIn(details: unknown): number | null {
  const { theirs } = (details ?? {}) as { theirs?: { version?: number } };
  return theirs?.version ?? null;
}
