import type { TrackItError } from "../errors.ts";
import { uuid7 } from "../ids/uuid7.ts";
import type { Surroundings } from "../retry/around.ts";
import { backoff } from "../retry/backoff.ts";
import type { PresenceStates } from "../transport/presence.ts";
import type { ChannelHandlers, OpenChannel } from "../transport/realtime.ts";
import type { JsonObject } from "../types.ts";
import { Link } from "./link.ts";
import type { Present } from "./types.ts";

export interface OthersParts {
  around: Surroundings;
  /** Where the devices of this account speak to each other. */
  topic(): Promise<string>;
  open(topic: string, key: string, handlers: ChannelHandlers): OpenChannel;
  failed(error: TrackItError): void;
}

/** What one `presence()` of this device says. */
export interface Here {
  payload: JsonObject;
  /** The others can see it. */
  shown(): void;
  changed(others: Present[]): void;
}

/** Realtime closes a channel that tells more than this within half a minute. */
const MOST = 5;
const PER_MS = 31_000;

/** Who else is there: one channel, joined as long as this device has something to say of itself. */
export class Others {
  readonly #parts: OthersParts;
  readonly #key = uuid7();
  readonly #here = new Map<string, Here>();
  readonly #link: Link;
  readonly #over = new AbortController();
  #channel: OpenChannel | null = null;
  #states: PresenceStates = {};
  #heard = "[]";
  #told: number[] = [];
  #telling = false;
  #again = false;

  constructor(parts: OthersParts) {
    this.#parts = parts;
    this.#link = new Link({
      ...parts,
      open: (topic, handlers) => parts.open(topic, this.#key, handlers),
      joined: (channel) => {
        this.#channel = channel;
        void this.#say();
      },
      lost: () => {
        this.#channel = null;
        this.#take({});
      },
      presence: (states) => this.#take(states),
    });
  }

  get isEmpty(): boolean {
    return this.#here.size === 0;
  }

  enter(id: string, here: Here): void {
    this.#here.set(id, here);
    void this.#say();
  }

  update(): void {
    void this.#say();
  }

  leave(id: string): void {
    this.#here.delete(id);
    // The last one leaves with the channel.
    if (!this.isEmpty) void this.#say();
  }

  /** Everybody but this device. */
  list(): Present[] {
    const others = Object.entries(this.#states).filter(([key]) => key !== this.#key);
    return others.flatMap(([, metas]) => {
      // While it changes, and after it has come back, a device is there several times: the last is what it says now.
      const last = metas.at(-1);
      const said: unknown = last && Reflect.get(last, "here");
      if (typeof said !== "object" || said === null) return [];
      return Object.entries(said).map(([id, payload]) => ({ id, payload: payload as JsonObject }));
    });
  }

  move(): void {
    this.#channel = null;
    this.#link.move();
  }

  wake(): void {
    this.#link.wake();
  }

  stop(): void {
    this.#over.abort();
    this.#channel = null;
    this.#link.stop();
  }

  #take(states: PresenceStates): void {
    this.#states = states;
    const others = this.list();
    const heard = JSON.stringify(others);
    if (heard === this.#heard) return;
    this.#heard = heard;
    for (const here of this.#here.values()) here.changed(others);
  }

  /** Tells what this device says of itself, as often as may be: the last of it for certain. */
  async #say(): Promise<void> {
    this.#again = true;
    if (this.#telling) return;
    this.#telling = true;
    const { around } = this.#parts;
    while (this.#again && this.#channel && !this.#over.signal.aborted) {
      const first = this.#told[this.#told.length - MOST];
      if (first !== undefined && around.now() - first < PER_MS) {
        await around.wait(first + PER_MS - around.now(), this.#over.signal);
        continue;
      }
      this.#again = false;
      this.#told = [...this.#told.slice(1 - MOST), around.now()];
      const said = new Map(this.#here);
      const here = Object.fromEntries([...said].map(([id, { payload }]) => [id, payload]));
      if (await this.#channel.track({ here })) for (const one of said.values()) one.shown();
      else {
        this.#again = true;
        await around.wait(backoff(1, around.random), this.#over.signal);
      }
    }
    this.#telling = false;
  }
}
