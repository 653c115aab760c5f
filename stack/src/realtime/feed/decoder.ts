import type { Batch, Change, Relation, Value } from "./changes.ts";
import { Reader } from "./reader.ts";

/** Changes that are kept before they are handed on, so that a transaction of any size takes little memory. */
const batchSize = 500;
/** Postgres counts from the year 2000. */
const epoch = 946_684_800_000_000n;
/** Of logical messages that are the feed's own. */
export const markPrefix = "trackit_realtime";

/**
 * Reads the messages of pgoutput, protocol version 1 (Postgres documentation, "Logical Replication Message
 * Formats"). In that version a transaction is sent once it has committed.
 */
export class Decoder {
  readonly #relations = new Map<number, Relation>();
  readonly #wants: (relation: Relation) => boolean;
  readonly #begins: (xid: number) => void;
  #batch: Batch = emptyBatch(0, 0n);
  #place = 0;

  /**
   * @param wants changes of other tables are passed over unread
   * @param begins is told of each transaction before any change of it is read
   */
  constructor(wants: (relation: Relation) => boolean = () => true, begins: (xid: number) => void = () => {}) {
    this.#wants = wants;
    this.#begins = begins;
  }

  /** @returns a batch when one is full or its transaction has ended, else null */
  read(message: Buffer): Batch | null {
    const reader = new Reader(message, 1);
    switch (String.fromCharCode(message[0] ?? 0)) {
      case "B":
        reader.uint64();
        this.#batch = emptyBatch(0, reader.uint64() + epoch);
        this.#batch.xid = reader.uint32();
        this.#place = 0;
        this.#begins(this.#batch.xid);
        return null;
      case "R":
        return this.#relation(reader);
      case "I":
        return this.#change("INSERT", reader);
      case "U":
        return this.#change("UPDATE", reader);
      case "D":
        return this.#change("DELETE", reader);
      case "M":
        return this.#message(reader);
      case "C":
        return this.#commit(reader);
      default:
        // Types, origins and truncations change no row that anybody could be told of.
        return null;
    }
  }

  #relation(reader: Reader): null {
    const id = reader.uint32();
    const [schema, table] = [reader.name(), reader.name()];
    reader.byte();
    const columns = Array.from({ length: reader.int16() }, () => {
      const isKey = (reader.byte() & 1) === 1;
      const name = reader.name();
      const type = reader.uint32();
      reader.uint32();
      return { name, isKey, type };
    });
    this.#relations.set(id, { id, schema: schema || "pg_catalog", table, columns });
    return null;
  }

  #change(kind: Change["kind"], reader: Reader): Batch | null {
    const place = ++this.#place;
    const id = reader.uint32();
    const relation = this.#relations.get(id);
    if (!relation) throw new Error(`reading a change of relation ${id}: it was never described`);
    if (!this.#wants(relation)) return null;
    this.#batch.changes.push({ place, ...readRows(kind, relation, reader) });
    return this.#batch.changes.length < batchSize ? null : this.#take(null);
  }

  #message(reader: Reader): null {
    reader.byte();
    reader.uint64();
    if (reader.name() === markPrefix) this.#batch.marks.push(reader.text(reader.uint32()));
    return null;
  }

  #commit(reader: Reader): Batch {
    reader.byte();
    reader.uint64();
    return this.#take(reader.uint64());
  }

  #take(end: bigint | null): Batch {
    const batch = { ...this.#batch, end };
    this.#batch = emptyBatch(batch.xid, batch.committedAt);
    return batch;
  }
}

const emptyBatch = (xid: number, committedAt: bigint): Batch => ({
  xid,
  committedAt,
  changes: [],
  marks: [],
  end: null,
});

/** Rows come each behind a letter: K for the old key, O for the whole old row, N for the new one. */
function readRows(kind: Change["kind"], relation: Relation, reader: Reader): Omit<Change, "place"> {
  let letter = String.fromCharCode(reader.byte());
  let old: Value[] | null = null;
  if (letter === "K" || letter === "O") {
    old = readRow(reader);
    // Beside the key everything is sent as null, whatever it was.
    if (letter === "K") old = old.map((value, index) => (relation.columns[index]?.isKey ? value : undefined));
    if (kind === "DELETE") return { kind, relation, row: null, old };
    letter = String.fromCharCode(reader.byte());
  }
  if (letter !== "N") throw new Error(`reading a change: a row begins with ${letter}; wanted N`);
  return { kind, relation, row: readRow(reader), old };
}

function readRow(reader: Reader): Value[] {
  return Array.from({ length: reader.int16() }, () => {
    const kind = String.fromCharCode(reader.byte());
    if (kind === "n") return null;
    if (kind === "u") return undefined;
    return reader.text(reader.uint32());
  });
}
