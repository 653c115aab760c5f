import type { CallOptions } from "../types.ts";

export type TransferFormat = "json" | "csv";

export interface ExportOptions extends CallOptions {
  format: TransferFormat;
  /** Deleted rows too; false when left out. */
  deleted?: boolean | undefined;
}

export interface ImportOptions extends CallOptions {
  /** Told from the first character when left out. */
  format?: TransferFormat | undefined;
  onProgress?: ((progress: ImportProgress) => void) | undefined;
}

export interface ImportProgress {
  done: number;
  total: number;
  failed: number;
}

/** A row that could not be taken over, and why. */
export interface ImportFailure {
  /** Line in the CSV text, counted from 1 with the header; index in the JSON array, counted from 1. */
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
