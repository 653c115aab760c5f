/** Any value that JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Accepted by every call that talks to the server. */
export interface CallOptions {
  /** Ends the call with NETWORK_ABORTED. A write that had already reached the server may have happened. */
  signal?: AbortSignal | undefined;
}

/** A point in time: an ISO 8601 string with an offset or `Z`, or a Date. */
export type Instant = string | Date;

export interface WriteOptions extends CallOptions {
  /** Only write if the row still has this version; otherwise CONFLICT_VERSION with both. */
  version?: number | undefined;
}

export interface Page<Row> {
  rows: Row[];
  /** Give it back as `after` to read on; null on the last page. */
  next: string | null;
}

export interface PageOptions extends CallOptions {
  /** The `next` of the page before; leave out for the first page. */
  after?: string | null | undefined;
  /** Rows per page, 1 to 500; 50 when left out. */
  limit?: number | undefined;
}

/**
 * A list that reads page by page. `for await` walks all of it without loss or repetition, also while rows are
 * added; `page()` reads one page for a list with a "more" button.
 */
export interface Listing<Row> extends AsyncIterable<Row> {
  page(options?: PageOptions): Promise<Page<Row>>;
  /** Reads everything into an array, or the first `max` rows. */
  toArray(options?: CallOptions & { max?: number | undefined }): Promise<Row[]>;
}

/** Any of these fields; undefined is as good as left out. */
export type PatchOf<Input> = { [Field in keyof Omit<Input, "id">]?: Omit<Input, "id">[Field] | undefined };

export type Direction = "asc" | "desc";

/** 0 none, 1 low, 2 medium, 3 high. */
export type Priority = 0 | 1 | 2 | 3;

/**
 * - `overdue`: due before now and not finished
 * - `today`: due within the calendar day of the time zone
 * - `soon`: due from now to the end of the seventh day from today, and not finished
 * - `none`: without a due time
 * - `{ from, to }`: due at or after `from`, before `to`
 */
export type DueFilter =
  | "overdue"
  | "today"
  | "soon"
  | "none"
  | { from?: Instant | undefined; to?: Instant | undefined };

export interface ListOptions extends CallOptions {
  /** IANA time zone for `due`; the profile's when left out. */
  timeZone?: string | undefined;
  /** Rows read per request while iterating, 1 to 500; 100 when left out. */
  pageSize?: number | undefined;
}

/** Where to put a row among its siblings: before or after another, or at an end. */
export type Place = { before: string } | { after: string } | "first" | "last";
