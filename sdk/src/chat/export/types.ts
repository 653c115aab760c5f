import type { CallOptions } from "../../types.ts";

export interface ReadProgress {
  done: number;
  total: number;
}

export interface RoomExportOptions extends CallOptions {
  /** `json`, the default, has everything, who signed what included; `text` is for reading. */
  format?: "json" | "text" | undefined;
  /** Called after each piece, with messages. */
  onProgress?: ((progress: ReadProgress) => void) | undefined;
}

export interface EvidenceOptions extends CallOptions {
  /** Called after each piece, with rows. */
  onProgress?: ((progress: ReadProgress) => void) | undefined;
}
