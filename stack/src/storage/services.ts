import type { Log } from "../part.ts";
import type { Database } from "./database/database.ts";
import type { Versions } from "./disk/versions.ts";
import type { ImageRenderer } from "./images/render.ts";
import type { Resumable } from "./resumable/resumable.ts";
import type { Signer } from "./signed/token.ts";

/** What every handler of Storage works with. */
export interface Services {
  database: Database;
  versions: Versions;
  signer: Signer;
  images: ImageRenderer;
  resumable: Resumable;
  /** Bytes of the greatest object. */
  sizeLimit: number;
  /** False where nothing outlives the process: nothing is waited for until the disk has it. */
  durable: boolean;
  log: Log;
}
