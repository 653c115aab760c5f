import type { Connection } from "../connect.ts";
import type { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { aborted } from "../failure/network.ts";
import type { JsonObject } from "../types.ts";
import type {
  Change,
  ConnectionState,
  LiveConnection,
  Presence,
  PresenceOptions,
  Watch,
  WatchOptions,
} from "./types.ts";
import type { LiveRow, View } from "./view.ts";

/** The live half of a client. */
export interface Live {
  connection: LiveConnection;
  watch<Row extends LiveRow>(
    view: View<Row>,
    listener: (change: Change<Row>) => void,
    options: WatchOptions,
  ): Watch;
  presence<Payload extends JsonObject>(payload: Payload, options: PresenceOptions): Presence<Payload>;
  close(): Promise<void>;
}

export function liveOn(_connection: Connection): Live {
  return {
    connection: {
      get state(): ConnectionState {
        return "idle";
      },
      on(event) {
        if (event !== "change") throw invalid("connection.on", "event", event, '"change"');
        return () => {};
      },
    },
    watch(view, listener, { signal, onError }) {
      const stopped = new AbortController();
      const ready = view
        .list({})
        .toArray({ signal: stopped.signal })
        .then((rows) => listener({ kind: "snapshot", rows }));
      ready.catch((error: TrackItError) => stopped.signal.aborted || onError?.(error));
      const stop = (): void => stopped.abort();
      signal?.addEventListener("abort", stop, { once: true });
      return Object.assign(stop, { ready });
    },
    presence(_payload, { signal }) {
      return {
        ready: Promise.reject(aborted(signal, "presence")),
        update: () => {},
        others: () => [],
        on: () => () => {},
        leave: async () => {},
      };
    },
    close: async () => {},
  };
}
