import type pg from "pg";

/** What pg's own connection offers for COPY in both directions, which its types leave out. */
export interface CopyConnection extends NodeJS.EventEmitter {
  stream: { pause(): void; resume(): void; destroy(): void };
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

export const connectionOf = (client: pg.Client): CopyConnection =>
  (client as unknown as { connection: CopyConnection }).connection;
