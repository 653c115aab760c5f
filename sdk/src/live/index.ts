import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { uuid7 } from "../ids/uuid7.ts";
import type { Outbox } from "../outbox/types.ts";
import { rememberTimeZone } from "../profiles/time-zone.ts";
import { real, type Surroundings } from "../retry/around.ts";
import { backoff } from "../retry/backoff.ts";
import { isPassing } from "../retry/passing.ts";
import type { JsonObject } from "../types.ts";
import { Connectivity } from "./connectivity.ts";
import type { Engine } from "./engine.ts";
import { Ongoing } from "./ongoing.ts";
import { told } from "./told.ts";
import type {
  Change,
  LiveConnection,
  Presence,
  PresenceOptions,
  Present,
  Watch,
  WatchOptions,
} from "./types.ts";
import type { LiveRow, View } from "./view.ts";
import type { Wire } from "./wire.ts";

/** The live half of a client. */
export interface Live {
  connection: LiveConnection;
  watch<Row extends LiveRow>(
    view: View<Row>,
    listener: (change: Change<Row>) => void,
    options: WatchOptions,
  ): Watch;
  presence<Payload extends JsonObject>(payload: Payload, options: PresenceOptions): Presence<Payload>;
  /** Tells which tables the user's own topic speaks of; null when what was said is lost. @returns Ends it. */
  listen(hear: (table: string | null) => void, options: WatchOptions): Watch;
  close(): Promise<void>;
}

/** Of which the tests have their own. */
export interface LiveAround {
  wire?: Wire;
  around?: Surroundings;
}

/** One for each Supabase client: a topic cannot be joined twice on one socket. */
const known = new WeakMap<object, Live>();

/** What is watched and who is present; what does the work loads with the first of them. */
export function liveOn(connection: Connection, outbox: Outbox | null, around: LiveAround = {}): Live {
  const made = known.get(connection.client) ?? new LiveClient(connection, outbox, around);
  known.set(connection.client, made);
  return made;
}

class LiveClient implements Live {
  readonly connection = new Connectivity();
  readonly #connection: Connection;
  readonly #outbox: Outbox | null;
  #wire: Wire | null;
  readonly #around: Surroundings;
  readonly #ongoing = new Set<Ongoing>();
  #engine: { user: string; engine: Engine } | null = null;

  constructor(connection: Connection, outbox: Outbox | null, { wire, around }: LiveAround) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#wire = wire ?? null;
    this.#around = around ?? real;
  }

  watch<Row extends LiveRow>(
    view: View<Row>,
    listener: (change: Change<Row>) => void,
    options: WatchOptions,
  ): Watch {
    if (typeof listener !== "function") throw invalid(view.action, "listener", listener, "a function");
    const one = this.#begin(options, view.action, (engine, self) => {
      const tell = (change: Change<Row>): void => {
        told(() => listener(change));
        if (change.kind === "snapshot") self.begun();
      };
      return engine.watch(view, tell, self.failed);
    });
    return Object.assign(() => one.stop(), { ready: one.ready });
  }

  presence<Payload extends JsonObject>(payload: Payload, options: PresenceOptions): Presence<Payload> {
    const id = uuid7();
    const listeners = new Set<(others: Present<Payload>[]) => void>();
    let others: Present[] = [];
    let update = (): void => {};
    const here = {
      payload: checkedPayload(payload),
      shown: () => one.begun(),
      changed: (present: Present[]) => {
        others = present;
        for (const listener of [...listeners]) told(() => listener(here.others()));
      },
      others: () => [...others] as Present<Payload>[],
    };
    const one = this.#begin(options, "presence", (engine, self) => {
      const entered = engine.enter(id, here, self.failed);
      update = entered.update;
      others = engine.others();
      return entered.leave;
    });
    return {
      ready: one.ready,
      update: (next) => {
        here.payload = checkedPayload(next);
        update();
      },
      others: () => (one.over ? [] : here.others()),
      on: (event, listener) => {
        if (event !== "change") throw invalid("presence.on", "event", event, '"change"');
        const own: typeof listener = (present) => one.over || listener(present);
        listeners.add(own);
        return () => void listeners.delete(own);
      },
      leave: async () => one.stop(),
    };
  }

  listen(hear: (table: string | null) => void, options: WatchOptions): Watch {
    const one = this.#begin(options, "watch", (engine, self) => {
      self.begun();
      return engine.listen(hear, self.failed);
    });
    return Object.assign(() => one.stop(), { ready: one.ready });
  }

  async close(): Promise<void> {
    for (const one of [...this.#ongoing]) one.stop();
    this.#engine?.engine.stop();
  }

  #begin(
    options: WatchOptions,
    action: string,
    start: (engine: Engine, one: Ongoing) => () => void,
  ): Ongoing {
    const one = new Ongoing(options, action, (left) => this.#ongoing.delete(left));
    if (one.over) return one;
    this.#ongoing.add(one);
    this.#ready(one, action).then((engine) => {
      if (engine) one.end = start(engine, one);
    }, one.failed);
    return one;
  }

  /** The engine of whoever is signed in, as soon as that can be known; null when nobody waits for it any more. */
  async #ready(one: Ongoing, action: string): Promise<Engine | null> {
    for (let tries = 1; !one.over; tries++) {
      try {
        const { Engine, wireOn } = await import("./engine.ts");
        this.#wire ??= wireOn(this.#connection);
        const wire = this.#wire;
        const user = await wire.user();
        if (one.over) return null;
        if (user === null) throw signedOut(action);
        return this.#engineOf(user, wire, Engine);
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.connection.set("offline");
        await this.#around.wait(backoff(tries, this.#around.random), new AbortController().signal);
      }
    }
    return null;
  }

  #engineOf(user: string, wire: Wire, Made: typeof Engine): Engine {
    if (this.#engine?.user === user && !this.#engine.engine.isOver) return this.#engine.engine;
    this.#engine?.engine.fail(signedOut("watch"));
    const engine = new Made(user, {
      wire,
      around: this.#around,
      outbox: this.#outbox,
      state: (state) => this.connection.set(state),
      profile: (id, row) => rememberTimeZone(this.#connection, id, String(row.time_zone)),
    });
    this.#engine = { user, engine };
    return engine;
  }
}

const LARGEST = 8192;

function checkedPayload<Payload extends JsonObject>(payload: Payload): Payload {
  const isObject = typeof payload === "object" && payload !== null && !Array.isArray(payload);
  const text = isObject ? JSON.stringify(payload) : "";
  if (isObject && new TextEncoder().encode(text).length <= LARGEST) return JSON.parse(text) as Payload;
  throw invalid("presence", "payload", payload, "an object of at most 8 KiB as JSON");
}

function signedOut(action: string): TrackItError {
  return new TrackItError("AUTH_REQUIRED", `${action}: nobody is signed in`, {
    hint: "Sign in first: auth.signIn({ email, password })",
  });
}
