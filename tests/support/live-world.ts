import { TrackItError } from "../../sdk/src/errors.ts";
import { Engine } from "../../sdk/src/live/engine.ts";
import type { Change } from "../../sdk/src/live/types.ts";
import type { View } from "../../sdk/src/live/view.ts";
import type { Wire } from "../../sdk/src/live/wire.ts";
import type { Outbox } from "../../sdk/src/outbox/types.ts";
import { listing } from "../../sdk/src/paging/listing.ts";
import type { Surroundings } from "../../sdk/src/retry/around.ts";
import type { Task } from "../../sdk/src/tasks/types.ts";
import type { ChannelHandlers } from "../../sdk/src/transport/realtime.ts";
import { FeedModel } from "./feed-model.ts";

interface Job {
  what: string;
  run(): void;
}

/** What becomes of a message on its way: nothing, as rarely as this, from 0 to 1. */
export interface Chaos {
  lost: number;
  twice: number;
  failed: number;
}

/**
 * A client, a database and the network between them, in which everything that takes time waits until the test lets it
 * happen, in any order. Nothing here runs by itself.
 */
export class LiveWorld {
  readonly model = new FeedModel("0199a1c0-0000-7000-8000-00000000ada0");
  readonly states: string[] = [];
  /** Topics joined so far, in order. */
  readonly joins: string[] = [];
  chaos: Chaos = { lost: 0, twice: 0, failed: 0 };
  /** Whether joins are refused. */
  refusing = false;
  /** Whether what the channel says is kept on its way. */
  hold = false;
  user: string | null = this.model.user;
  now = Date.parse("2026-11-20T10:00:00Z");
  readonly #random: () => number;
  #jobs: Job[] = [];
  readonly #timers: { at: number; run: () => void }[] = [];
  readonly #channels = new Set<{ topic: string; handlers: ChannelHandlers; joined: boolean }>();
  #onUser: (user: string | null) => void = () => {};
  readonly engine: Engine;

  constructor(random: () => number, outbox: Outbox | null = null) {
    this.#random = random;
    this.model.onTold = (topic, event, payload) => this.#broadcast(topic, event, payload);
    this.engine = new Engine(this.model.user, {
      wire: this.#wire(),
      around: this.around,
      outbox,
      state: (state) => this.states.push(state),
      profile: () => false,
    });
  }

  readonly around: Surroundings = {
    now: () => this.now,
    random: () => this.#random(),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = (): void => {
          signal.removeEventListener("abort", end);
          resolve();
        };
        this.#timers.push({ at: this.now + ms, run: end });
        signal.addEventListener("abort", end);
      }),
  };

  /** Lets one of the things that wait happen; false when nothing waits. */
  async step(): Promise<boolean> {
    await settled();
    const ready = this.#jobs.filter(({ what }) => !(this.hold && what.startsWith("tasks.")));
    const job = ready[Math.floor(this.#random() * ready.length)];
    this.#jobs = this.#jobs.filter((one) => one !== job);
    job?.run();
    await settled();
    return job !== undefined;
  }

  /** Lets everything happen that waits for nothing but its turn. */
  async settle(): Promise<void> {
    while (await this.step()) {
      // on
    }
  }

  /** Time passes; whoever waited for a moment in between goes on then. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await this.settle();
      this.#timers.sort((a, b) => a.at - b.at);
      const next = this.#timers[0];
      if (!next || next.at > end) break;
      this.#timers.shift();
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
    await this.settle();
  }

  /** Takes its turn, as a request does. */
  async pause(what: string): Promise<void> {
    await this.#request(what);
    await this.#answer(what);
  }

  /** The connection breaks: every channel is told. */
  cut(): void {
    for (const channel of [...this.#channels]) {
      this.#channels.delete(channel);
      this.#later("cut", () => channel.handlers.lost("cut"));
    }
  }

  signIn(user: string | null): void {
    this.user = user;
    this.#onUser(user);
  }

  /** Watches the tasks in these states, as `tasks.watch` would; pages have three rows. */
  watch(
    statuses: readonly Task["status"][],
    tell: (change: Change<Task>) => void,
    failed: (error: TrackItError) => void = () => {},
    more: Partial<View<Task>> = {},
  ): () => void {
    const view: View<Task> = {
      table: "tasks",
      action: "tasks.watch",
      filter: { status: statuses },
      statuses: ["todo", "doing", "blocked", "done", "cancelled"],
      finished: ["done", "cancelled"],
      list: () => this.#list((task) => statuses.includes(task.status) && task.deletedAt === null),
      found: async (ids) => [...ids],
      namesZone: true,
      timeZone: async () => "UTC",
      toOut: (row) => row as Task,
      own: () => true,
      ...more,
    };
    return this.engine.watch(view, tell, failed);
  }

  #list(isIn: (task: Task) => boolean) {
    const page = async (after: string | null) => {
      await this.#request("page");
      const found = [...this.model.rows.values()].filter(isIn).sort((a, b) => (a.id < b.id ? -1 : 1));
      const from = after === null ? found : found.filter(({ id }) => id > after);
      const rows = from.slice(0, 3);
      const last = from.length > 3 ? rows.at(-1)?.id : undefined;
      await this.#answer("page");
      return { rows, next: last ?? null };
    };
    return listing<Task>(page, {}, "tasks.watch");
  }

  #wire(): Wire {
    return {
      user: async () => this.user,
      head: async () => {
        await this.#request("head");
        if (this.user === null) throw new TrackItError("AUTH_REQUIRED", "signed out");
        const { topic, n } = this.model;
        await this.#answer("head");
        return { topic, n };
      },
      since: async (n) => {
        await this.#request("since");
        const feed = this.model.since(n, 4);
        await this.#answer("since");
        return feed;
      },
      open: (topic, _key, handlers) => {
        const channel = { topic, handlers, joined: false };
        this.#later("join", () => {
          if (topic !== this.model.topic || this.refusing) return handlers.lost("Unauthorized");
          channel.joined = true;
          this.#channels.add(channel);
          this.joins.push(topic);
          this.#later("joined", () => this.#channels.has(channel) && handlers.joined());
        });
        return { leave: () => void this.#channels.delete(channel), track: async () => true };
      },
      onUser: (listener) => {
        this.#onUser = listener;
        return () => {};
      },
      onReturn: () => () => {},
    };
  }

  #broadcast(topic: string, event: string, payload: object): void {
    for (const channel of this.#channels) {
      if (channel.topic !== topic || this.#random() < this.chaos.lost) continue;
      const deliver = (): void => {
        if (this.#channels.has(channel)) channel.handlers.broadcast?.(event, structuredClone(payload));
      };
      this.#later(event, deliver);
      if (this.#random() < this.chaos.twice) this.#later(event, deliver);
    }
  }

  async #request(what: string): Promise<void> {
    await this.#turn(`ask ${what}`);
    if (this.#random() < this.chaos.failed) throw new TrackItError("NETWORK_OFFLINE", `${what}: cut`);
  }

  async #answer(what: string): Promise<void> {
    await this.#turn(`answer ${what}`);
    if (this.#random() < this.chaos.failed) throw new TrackItError("NETWORK_OFFLINE", `${what}: deaf`);
  }

  #turn(what: string): Promise<void> {
    return new Promise((resolve) => this.#later(what, resolve));
  }

  #later(what: string, run: () => void): void {
    this.#jobs.push({ what, run });
  }
}

/** Lets promises run that wait for nothing. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
