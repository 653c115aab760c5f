import type { Goal } from "../goals/types.ts";
import type { Outbox, OutboxChange } from "../outbox/types.ts";
import type { Task } from "../tasks/types.ts";

type Thing = Goal | Task;

interface Shown {
  row: Thing;
  /** A stored row is shown until the table speaks of this version; null for one that still waits. */
  until: number | null;
}

/** Rows whose version was told last; enough for answers that overtake each other. */
const MOST_HEARD = 500;

/** Rows as the outbox has them: what waits is shown at once, what was sent until the stream tells of it. */
export class Overlay {
  readonly #outbox: Outbox;
  readonly #user: string;
  readonly #changed: (table: string, ids: string[]) => void;
  readonly #shown = new Map<string, Shown>();
  readonly #heard = new Map<string, number>();
  readonly #stop: () => void;
  #turn: Promise<void> = Promise.resolve();
  #changes = 0;

  /** @param changed Which rows of a table are to be looked at again. */
  constructor(outbox: Outbox, user: string, changed: (table: string, ids: string[]) => void) {
    this.#outbox = outbox;
    this.#user = user;
    this.#changed = changed;
    this.#stop = outbox.on("change", (change) => this.#take(change));
    this.#refresh();
  }

  stop(): void {
    this.#stop();
    this.#shown.clear();
  }

  /** The row in place of the one that is known, whose version is given; undefined when there is none. */
  shown(table: string, id: string, known: number | undefined): Thing | undefined {
    const shown = this.#shown.get(`${table}/${id}`);
    if (!shown || (shown.until !== null && known !== undefined && known >= shown.until)) return undefined;
    return shown.row;
  }

  ids(table: string): string[] {
    const own = [...this.#shown.keys()].filter((key) => key.startsWith(`${table}/`));
    return own.map((key) => key.slice(table.length + 1));
  }

  /** The stream has told of a row; without a version of its end. */
  heard(table: string, id: string, version = Number.POSITIVE_INFINITY): void {
    const key = `${table}/${id}`;
    const until = this.#shown.get(key)?.until ?? null;
    if (until !== null && version >= until) this.#shown.delete(key);
    this.#heard.delete(key);
    this.#heard.set(key, version);
    if (this.#heard.size > MOST_HEARD) this.#heard.delete(this.#heard.keys().next().value ?? "");
  }

  /** A table, or each, is read anew: it contains whatever was sent. */
  forget(table = ""): void {
    for (const [key, { until }] of this.#shown)
      if (until !== null && key.startsWith(table)) this.#shown.delete(key);
  }

  #take({ kind, rows }: OutboxChange): void {
    this.#changes += 1;
    const own = rows.filter(({ ownerId }) => ownerId === this.#user);
    for (const row of kind === "kept" || kind === "sent" ? own : []) {
      const key = keyOf(row);
      const until = kind === "sent" ? row.version : null;
      if (until === null || (this.#heard.get(key) ?? 0) < until) this.#shown.set(key, { row, until });
      else this.#shown.delete(key);
    }
    if (kind === "kept") this.#tell(own.map(keyOf));
    else this.#refresh(own.map(keyOf));
  }

  /** What waits, as the outbox has it now; `keys` are looked at again in any case. */
  #refresh(keys: string[] = []): void {
    this.#turn = this.#turn.then(async () => {
      let rows: Thing[];
      let changes: number;
      do {
        changes = this.#changes;
        const waiting = [...(await this.#outbox.failed()), ...(await this.#outbox.pending())];
        waiting.sort((a, b) => (a.id < b.id ? -1 : 1)); // in the order in which they were made
        rows = waiting.flatMap((write) => write.rows).filter(({ ownerId }) => ownerId === this.#user);
      } while (changes !== this.#changes);
      const gone = [...this.#shown].filter(([, { until }]) => until === null).map(([key]) => key);
      for (const key of gone) this.#shown.delete(key);
      for (const row of rows) this.#shown.set(keyOf(row), { row, until: null });
      this.#tell([...keys, ...gone, ...rows.map(keyOf)]);
    });
    // Storage that fails says so to those who ask for the writes themselves.
    this.#turn = this.#turn.catch(() => {});
  }

  #tell(keys: readonly string[]): void {
    for (const table of ["goals", "tasks"]) {
      const ids = keys.filter((key) => key.startsWith(`${table}/`)).map((key) => key.slice(table.length + 1));
      if (ids.length > 0) this.#changed(table, [...new Set(ids)]);
    }
  }
}

function keyOf(row: Thing): string {
  return `${"goalId" in row ? "tasks" : "goals"}/${row.id}`;
}
