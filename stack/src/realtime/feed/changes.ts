export interface Column {
  name: string;
  /** Part of the replica identity. */
  isKey: boolean;
  /** OID of its type. */
  type: number;
}

/** A table as the WAL describes it; a change of the table gives a new one. */
export interface Relation {
  id: number;
  schema: string;
  table: string;
  columns: Column[];
}

/** A column's value as text; undefined where a large one did not change and was not sent. */
export type Value = string | null | undefined;

export interface Change {
  /** Its place among the changes of its transaction, from 1; the same each time that the transaction comes. */
  place: number;
  kind: "INSERT" | "UPDATE" | "DELETE";
  relation: Relation;
  /** The row as it is now; null when it was deleted. */
  row: Value[] | null;
  /** The row as it was, or of it the key alone; null where the WAL does not tell. */
  old: Value[] | null;
}

/** Changes of one transaction, in order; a large one comes in several batches. */
export interface Batch {
  xid: number;
  /** Microseconds since 1970. */
  committedAt: bigint;
  changes: Change[];
  /** What the feed has written into the WAL itself, to see it pass. */
  marks: string[];
  /** Where the transaction ends in the WAL, with its last batch. */
  end: bigint | null;
}
