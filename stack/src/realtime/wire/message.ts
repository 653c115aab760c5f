/** The two serializers that a client may ask for with `vsn`. */
export type Version = "1.0.0" | "2.0.0";

export type Payload = Record<string, unknown>;

/** A frame from a client, whichever way it was written. */
export interface Incoming {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: Payload;
  /** Whether a broadcast is to be stored. */
  persist?: Persist;
  /** The bytes of a binary broadcast, whose `event` and encoding are its own. */
  user?: UserBroadcast;
}

/** How long a broadcast is kept for replay. */
export interface Persist {
  /** Seconds; null for as long as messages are kept at all. */
  ttl: number | null;
}

/** What a client broadcasts in a binary frame: an event of its own and bytes that nobody on the way reads. */
export interface UserBroadcast {
  event: string;
  encoding: "binary" | "json";
  bytes: Buffer;
}

/** A text frame to a client. Fan-out frames carry no refs. */
export interface Outgoing {
  joinRef?: string | null;
  ref?: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

/** A frame that no client of ours would write. The connection that sent it ends. */
export class MalformedFrameError extends Error {
  override readonly name = "MalformedFrameError";

  constructor(reason: string) {
    super(`Reading a frame failed: ${reason}; wanted one of the serializer that the connection asked for`);
  }
}
