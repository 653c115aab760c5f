import { isDeepStrictEqual } from "node:util";
import type { Change } from "../../../sdk/src/index.ts";

export interface Versioned {
  id: string;
  version: number;
}

/**
 * What an app would show that believes every word of a watch, and what made no sense: a row that was added twice or
 * changed before it was added, a version that was told twice or after a later one.
 */
export class Mirror<Row extends Versioned> {
  rows = new Map<string, Row>();
  readonly nonsense: string[] = [];
  readonly counts = { snapshot: 0, added: 0, changed: 0, removed: 0 };
  /** The last version told of each row, whether it is there or not. */
  readonly #told = new Map<string, number>();
  readonly #sums: boolean;

  /** @param sums whether rows hold sums of other rows, which change without being an edit of theirs */
  constructor({ sums }: { sums: boolean }) {
    this.#sums = sums;
  }

  readonly hear = (change: Change<Row>): void => {
    this.counts[change.kind] += 1;
    if (change.kind === "snapshot") this.#replace(change.rows);
    else if (change.kind === "removed") this.#remove(change.id);
    else this.#put(change.kind, change.row);
  };

  #replace(rows: Row[]): void {
    const ids = new Set(rows.map(({ id }) => id));
    if (ids.size !== rows.length) this.nonsense.push(`a snapshot names ${rows.length - ids.size} rows twice`);
    for (const { id, version } of rows) {
      const last = this.#told.get(id) ?? 0;
      if (version < last) this.nonsense.push(`a snapshot has ${id} at ${version} after ${last}`);
      this.#told.set(id, version);
    }
    this.rows = new Map(rows.map((row) => [row.id, row]));
  }

  #remove(id: string): void {
    if (!this.rows.delete(id)) this.nonsense.push(`${id} was removed and not there`);
  }

  #put(kind: "added" | "changed", row: Row): void {
    const before = this.rows.get(row.id);
    if (kind === "added" && before) this.nonsense.push(`${row.id} was added and there already`);
    if (kind === "changed" && !before) this.nonsense.push(`${row.id} was changed before it was added`);
    const last = this.#told.get(row.id) ?? 0;
    const isSum = this.#sums && row.version === last && !isDeepStrictEqual(before, row);
    const isNews = row.version > last || isSum;
    if (!isNews) this.nonsense.push(`${row.id} was ${kind} at ${row.version} after ${last}`);
    this.rows.set(row.id, row);
    this.#told.set(row.id, row.version);
  }
}
