import type { TrackItError } from "../errors.ts";
import type { Surroundings } from "../retry/around.ts";
import { backoff } from "../retry/backoff.ts";
import { isPassing } from "../retry/passing.ts";
import { within } from "../retry/within.ts";
import { sameValue } from "../rows/same.ts";
import type { Listing, Page } from "../types.ts";
import { clocks } from "./clocks.ts";
import type { Moment } from "./due.ts";
import { Lookout } from "./lookout.ts";
import type { Overlay } from "./overlay.ts";
import { asUser } from "./renewing.ts";
import { Search } from "./search.ts";
import { Sieve } from "./sieve.ts";
import { sorted } from "./sorted.ts";
import type { Change } from "./types.ts";
import { type LiveRow, PAGE, type View } from "./view.ts";
import type { Feed, Told } from "./wire.ts";

export interface WatcherParts<Row extends LiveRow> {
  view: View<Row>;
  around: Surroundings;
  overlay: Overlay | null;
  tell(change: Change<Row>): void;
  /** The last event that everybody was told, once there is one. */
  seen(): Promise<number>;
  since(n: number): Promise<Feed>;
  /** Makes the stream look by itself whether its number is one that the feed knows. */
  catchUp(): Promise<void>;
  /** Throws when somebody else is signed in by now, whose rows those would be that were read. */
  sameUser(): Promise<void>;
  failed(error: TrackItError): void;
}

/** A watch as the engine sees it, whatever its rows are. */
export interface Watching {
  readonly table: string;
  /** Whether days begin where the profile says. */
  readonly followsProfile: boolean;
  /** The next event of the stream. */
  hear(event: Told): void;
  /** Looks at rows again: their time has come, or something else than the table speaks of them. */
  settle(ids: Iterable<string>): void;
  /** Reads the table anew, and tells what is there as a snapshot. */
  reload(): void;
  /** The network may be back. */
  wake(): void;
  stop(): void;
}

/** An import that goes on tells again and again that there is more; after so many readings what is there is shown. */
const ROUNDS = 3;

/** One watch: what it knows of the table, and what it has told of it. */
export class Watcher<Row extends LiveRow> implements Watching {
  readonly #parts: WatcherParts<Row>;
  readonly #over = new AbortController();
  readonly #sieve: Sieve<Row>;
  readonly #search: Search | null;
  readonly #lookout: Lookout;
  /** Rows that are in the filter, or will be when their time comes. */
  #known = new Map<string, Row>();
  /** Rows as the app was told of them. */
  #told = new Map<string, Row>();
  /** Events that came while the table was being read; null when it is not. */
  #held: Told[] | null = null;
  /** The last event that what is known contains. */
  #asOf = 0;
  #again = false;
  #timeZone = "UTC";
  /** Up to which due time rows are known that are not in the filter yet. */
  #until: string | null = null;
  #hurry = new AbortController();

  constructor(parts: WatcherParts<Row>) {
    this.#parts = parts;
    const { view, around, failed } = parts;
    const { signal } = this.#over;
    this.#sieve = new Sieve(view);
    this.#lookout = new Lookout(around, view.filter.due, () => this.#look());
    const find = (ids: readonly string[]) => this.#answered((given) => view.found(ids, given));
    const settled = (ids: readonly string[]) => this.settle(ids);
    this.#search =
      view.filter.search === undefined ? null : new Search({ around, signal, find, settled, failed });
  }

  get table(): string {
    return this.#parts.view.table;
  }

  get followsProfile(): boolean {
    const { filter, namesZone } = this.#parts.view;
    return !namesZone && (filter.due === "today" || filter.due === "soon");
  }

  stop(): void {
    this.#over.abort();
    this.#lookout.stop();
    this.#hurry.abort();
  }

  wake(): void {
    this.#hurry.abort();
  }

  reload(): void {
    if (this.#held) this.#again = true;
    else void this.#load();
  }

  hear(event: Told): void {
    if (this.#held) this.#held.push(event);
    else if (event.n > this.#asOf) this.#take(event);
  }

  settle(ids: Iterable<string>): void {
    if (this.#held) return;
    for (const id of ids) this.#settle(id);
  }

  #take(event: Told): void {
    this.#asOf = event.n;
    const { table, row } = event;
    if (table !== this.table) return;
    if (row === null) {
      this.reload();
    } else {
      this.#note(event, this.#known);
      this.#search?.ask([row.id]);
      this.#settle(row.id);
    }
  }

  /** Puts a row as it was told among those that are known, or takes it out. */
  #note({ op, row }: Told, known: Map<string, Row>): void {
    if (row === null) return;
    const now = op === "delete" ? null : this.#parts.view.toOut(row);
    if (now && this.#sieve.mayPass(now)) known.set(row.id, now);
    else known.delete(row.id);
  }

  get #moment(): Moment {
    return { now: this.#parts.around.now(), timeZone: this.#timeZone };
  }

  /** The row as this device has it: what waits in the outbox goes before what the table says. */
  #latest(id: string): Row | undefined {
    const known = this.#known.get(id);
    return (this.#parts.overlay?.shown(this.table, id, known?.version) as Row | undefined) ?? known;
  }

  #isIn(row: Row): boolean {
    return this.#sieve.passes(row, this.#moment) && (this.#search?.finds(row.id) ?? true);
  }

  #settle(id: string): void {
    if (this.#search?.isOpen(id)) return;
    const before = this.#told.get(id);
    const row = this.#latest(id);
    if (row) this.#lookout.mind(row, this.#moment);
    if (!row || !this.#isIn(row)) {
      if (this.#told.delete(id)) this.#tell({ kind: "removed", id });
    } else if (!before || !sameValue(before, row)) {
      this.#told.set(id, row);
      this.#tell({ kind: before ? "changed" : "added", row });
    }
  }

  #tell(change: Change<Row>): void {
    if (!this.#over.signal.aborted) this.#parts.tell(change);
  }

  async #load(): Promise<void> {
    const { around, failed } = this.#parts;
    this.#held = [];
    for (let tries = 0, rounds = 1; !this.#over.signal.aborted; ) {
      this.#again = false;
      this.#hurry = new AbortController();
      try {
        const known = await this.#read();
        if (this.#over.signal.aborted) return;
        if (known && (!this.#again || rounds >= ROUNDS)) return this.#handOver(known);
        rounds += 1;
      } catch (error) {
        if (this.#over.signal.aborted) return;
        if (!isPassing(error)) return failed(error as TrackItError);
        tries += 1;
        await around.wait(backoff(tries, around.random), this.#hurry.signal);
      }
    }
  }

  /** Reads the table, and then what has changed since; null when that is not known. */
  async #read(): Promise<Map<string, Row> | null> {
    const { view, seen, sameUser } = this.#parts;
    this.#asOf = Math.max(this.#asOf, await seen());
    this.#timeZone = await this.#answered((given) => view.timeZone(given));
    const { instead, until } = this.#sieve.wide(this.#moment);
    this.#until = until;
    const known = await this.#readPages(view.list(instead));
    const read = [...known.keys()];
    await sameUser();
    const changed = await this.#readSince(known);
    if (changed === null) return null;
    this.#search?.begin(read);
    await this.#search?.askNow(changed);
    return known;
  }

  async #readPages(list: Listing<Row>): Promise<Map<string, Row>> {
    const known = new Map<string, Row>();
    let after: string | null = null;
    do {
      const from: string | null = after;
      const page: Page<Row> = await this.#answered((signal) =>
        list.page({ limit: PAGE, after: from, signal }),
      );
      for (const row of page.rows) known.set(row.id, row);
      after = page.next;
    } while (after !== null);
    return known;
  }

  #answered<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { view, sameUser } = this.#parts;
    const isThere = () => sameUser().then(() => true);
    return asUser(() => within(clocks.answer, view.action, ask, this.#over.signal), isThere);
  }

  /** The feed speaks of rows as they are now: later than they were when the pages were read. */
  async #readSince(known: Map<string, Row>): Promise<Set<string> | null> {
    const changed = new Set<string>();
    for (;;) {
      const { n, too_old, events } = await this.#parts.since(this.#asOf);
      if (too_old) {
        this.#asOf = 0;
        await this.#parts.catchUp();
        return null;
      }
      for (const event of events) {
        this.#asOf = event.n;
        if (event.table !== this.table) continue;
        if (event.row === null) this.#again = true;
        else changed.add(event.row.id);
        this.#note(event, known);
      }
      if (events.length === 0 || this.#asOf >= n) return changed;
    }
  }

  #handOver(known: Map<string, Row>): void {
    const { overlay, view } = this.#parts;
    const again = this.#again;
    const held = this.#held ?? [];
    this.#held = null;
    this.#known = known;
    const ids = new Set([...known.keys(), ...(overlay?.ids(this.table) ?? [])]);
    const latest = [...ids].flatMap((id) => this.#latest(id) ?? []);
    const rows = sorted(
      latest.filter((row) => this.#isIn(row)),
      view,
    );
    this.#told = new Map(rows.map((row) => [row.id, row]));
    this.#tell({ kind: "snapshot", rows });
    this.#lookout.plan(latest, this.#moment);
    for (const event of held) this.hear(event);
    if (again) this.reload();
  }

  #look(): void {
    if (this.#held) return;
    if (this.#until !== null && !this.#sieve.suffices(this.#until, this.#moment)) {
      this.reload();
    } else {
      this.settle([...this.#told.keys(), ...this.#known.keys()]);
      this.#lookout.plan(this.#known.values(), this.#moment);
    }
  }
}
