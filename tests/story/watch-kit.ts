import { createClient } from "@supabase/supabase-js";
import WebSocket from "ws";
import { connect } from "../../sdk/src/connect.ts";
import {
  type Change,
  createTrackIt,
  type Task,
  type TaskFilter,
  type TrackIt,
  type TrackItError,
  type Watch,
  type WatchOptions,
} from "../../sdk/src/index.ts";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { liveOn } from "../../sdk/src/live/index.ts";
import { real } from "../../sdk/src/retry/around.ts";
import { Inbox } from "./realtime-wait.ts";
import type { SdkKit } from "./sdk-kit.ts";

// A message that the server loses shall cost a test seconds, not the half minute that it costs an app.
clocks.headCheck = 3_000;

export interface Followed {
  told: Inbox<Change<Task>>;
  /** What an app would show by now. */
  rows: Map<string, Task>;
  ended: Inbox<TrackItError>;
  watch: Watch;
}

/** Watches tasks as an app does, and waits for the first snapshot. */
export async function follow(
  trackit: TrackIt,
  filter: TaskFilter = {},
  options: WatchOptions = {},
): Promise<Followed> {
  const told = new Inbox<Change<Task>>();
  const ended = new Inbox<TrackItError>();
  const rows = new Map<string, Task>();
  const take = (change: Change<Task>): void => {
    if (change.kind === "snapshot") rows.clear();
    if (change.kind === "removed") rows.delete(change.id);
    for (const row of change.kind === "snapshot" ? change.rows : "row" in change ? [change.row] : [])
      rows.set(row.id, row);
    told.put(change);
  };
  const watch = trackit.tasks.watch(filter, take, { onError: ended.put, ...options });
  await watch.ready;
  return { told, rows, ended, watch };
}

/** Counts what goes to the server, and loses broadcasts on the way back when told to. */
export class Wiretap {
  sockets = 0;
  open = 0;
  joins: string[] = [];
  deaf = false;

  readonly transport: typeof WebSocket;

  constructor() {
    const tap = this;
    this.transport = class extends WebSocket {
      constructor(address: string | URL) {
        super(address);
        tap.sockets += 1;
        this.on("open", () => {
          tap.open += 1;
        });
        this.on("close", () => {
          tap.open -= 1;
        });
      }

      override send(...args: unknown[]): void {
        const [frame] = args;
        if (String(frame).includes('"phx_join"')) tap.joins.push(String(JSON.parse(String(frame))[2]));
        Reflect.apply(super.send, this, args);
      }

      override emit(name: string | symbol, ...args: unknown[]): boolean {
        if (name === "message" && tap.deaf && String(args[0]).includes('"broadcast"')) return true;
        return super.emit(name, ...args);
      }
    } as typeof WebSocket;
  }
}

/** A client of an app's own, whose socket is tapped; with `everyMs`, heads are compared that often. */
export function tapped(kit: SdkKit, { everyMs }: { everyMs?: number } = {}) {
  const tap = new Wiretap();
  const { API_URL, PUBLISHABLE_KEY } = kit.stack.env;
  const supabase = createClient(API_URL, PUBLISHABLE_KEY, {
    auth: { persistSession: false, detectSessionInUrl: false },
    realtime: { transport: tap.transport as never },
  });
  if (everyMs !== undefined) {
    const wait: typeof real.wait = (ms, signal) => real.wait(Math.min(ms, everyMs), signal);
    liveOn(connect(supabase), null, { around: { ...real, wait } });
  }
  return { tap, supabase, trackit: kit.keep(createTrackIt(supabase)) };
}
