import type { CallOptions } from "../types.ts";

export type TransferFormat = "json" | "csv";

export interface ExportOptions extends CallOptions {
  /** `json` has every field; `csv` has the fields that can be written, for spreadsheets. */
  format: TransferFormat;
}

export interface ImportOptions extends CallOptions {
  /** Told from the first character when left out. */
  format?: TransferFormat | undefined;
  /**
   * `keep` (default): rows keep their ids, so that importing twice changes nothing. `new`: every row gets an id of
   * its own, to take over another account's export.
   */
  ids?: "keep" | "new" | undefined;
  onProgress?: ((progress: ImportProgress) => void) | undefined;
}

export interface ImportProgress {
  done: number;
  total: number;
  failed: number;
}

/** A row that could not be taken over, and why. */
export interface ImportFailure {
  /** CSV: the line of the text, counted from 1. JSON: the place in `goals` or `tasks`, counted from 1. */
  line: number;
  kind: "goal" | "task" | null;
  id: string | null;
  code: string;
  message: string;
  field?: string | undefined;
  /** The row as it was read, so that nothing is lost. */
  row: unknown;
}

export interface ImportReport {
  created: number;
  /** Rows that were there already with the same content. */
  unchanged: number;
  failed: ImportFailure[];
}

/** The text in chunks as it is read; `text()` puts it together. */
export interface ExportStream extends AsyncIterable<string> {
  text(): Promise<string>;
}
