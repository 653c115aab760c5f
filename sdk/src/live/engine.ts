import { TrackItError } from "../errors.ts";
import type { Outbox } from "../outbox/types.ts";
import type { Surroundings } from "../retry/around.ts";
import { clocks } from "./clocks.ts";
import { KeepUp } from "./keep-up.ts";
import { Link } from "./link.ts";
import { Overlay } from "./overlay.ts";
import { type Here, Others } from "./presence.ts";
import { Stream } from "./stream.ts";
import { told } from "./told.ts";
import type { Change, ConnectionState, Present } from "./types.ts";
import type { LiveRow, View } from "./view.ts";
import { Watcher, type Watching } from "./watcher.ts";
import type { Head, Told, Wire } from "./wire.ts";

export { wireOn } from "./wire.ts";

export interface EngineParts {
  wire: Wire;
  around: Surroundings;
  /** Null where writes are not kept. */
  outbox: Outbox | null;
  state(state: ConnectionState): void;
  /** Takes a profile's row that has changed; whether days begin elsewhere now. */
  profile(user: string, row: Record<string, unknown>): boolean;
}

/** Called when what it belongs to has ended by itself. */
type Failed = (error: TrackItError) => void;

/** Everything that is live for one user: one topic joined, however much is watched; it ends with their session. */
export class Engine {
  readonly #parts: EngineParts;
  readonly #user: string;
  readonly #stream: Stream;
  readonly #link: Link;
  readonly #keepUp: KeepUp;
  readonly #overlay: Overlay | null;
  readonly #watchers = new Map<Watching, Failed>();
  readonly #present = new Map<string, Failed>();
  readonly #hearers = new Map<(table: string | null) => void, Failed>();
  readonly #stops: (() => void)[] = [];
  readonly #over = new AbortController();
  #others: Others | null = null;
  #begun!: () => void;
  readonly #begin = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });
  #online = false;

  constructor(user: string, parts: EngineParts) {
    const { wire, around, outbox } = parts;
    this.#parts = parts;
    this.#user = user;
    this.#stream = new Stream({
      since: (n) => wire.since(n),
      tell: (event) => this.#tell(event),
      lost: () => this.#reloadAll(),
    });
    this.#overlay = outbox && new Overlay(outbox, user, (table, ids) => this.#settle(table, ids));
    parts.state("connecting");
    this.#link = new Link({
      around,
      topic: () => this.#whereTo(),
      open: (topic, handlers) => wire.open(topic, null, handlers),
      joined: () => this.#joined(),
      lost: () => this.#lost(),
      failed: (error) => this.fail(error),
      broadcast: (event, payload) => this.#hear(event, payload),
    });
    this.#stops.push(wire.onUser((now) => this.#whoIsHere(now)));
    this.#stops.push(wire.onReturn(() => this.wake()));
    this.#keepUp = new KeepUp({
      around,
      stream: this.#stream,
      compare: () => this.#compareHeads(),
      failed: (error) => this.fail(error),
      over: this.#over.signal,
    });
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** @returns Ends it. */
  watch<Row extends LiveRow>(
    view: View<Row>,
    tell: (change: Change<Row>) => void,
    failed: (error: TrackItError) => void,
  ): () => void {
    const { around, wire } = this.#parts;
    const end = (): void => {
      watcher.stop();
      this.#watchers.delete(watcher);
      this.#lingerIfIdle();
    };
    const watcher = new Watcher<Row>({
      view,
      around,
      tell,
      overlay: this.#overlay,
      seen: async () => {
        await this.#begin;
        return this.#stream.seen ?? 0;
      },
      since: (n) => wire.since(n),
      catchUp: () => this.#stream.catchUp(),
      sameUser: () => this.#sameUser(),
      failed: (error) => {
        if (/^AUTH/.test(error.code)) return this.fail(error);
        end();
        failed(error);
      },
    });
    this.#watchers.set(watcher, failed);
    watcher.reload();
    return end;
  }

  /** Tells which tables are spoken of, also when what was said is lost. @returns Ends it. */
  listen(hear: (table: string | null) => void, failed: Failed): () => void {
    this.#hearers.set(hear, failed);
    return () => {
      this.#hearers.delete(hear);
      this.#lingerIfIdle();
    };
  }

  /** @returns What is said has changed, and: it is over. */
  enter(id: string, here: Here, failed: Failed): { update(): void; leave(): void } {
    const { around, wire } = this.#parts;
    this.#others ??= new Others({
      around,
      topic: async () => (await this.#head()).topic.replace(/^user/, "live"),
      open: (topic, key, handlers) => wire.open(topic, key, handlers),
      failed: (error) => this.fail(error),
    });
    const others = this.#others;
    this.#present.set(id, failed);
    others.enter(id, here);
    const leave = (): void => {
      this.#present.delete(id);
      others.leave(id);
      if (others.isEmpty && others === this.#others) {
        others.stop();
        this.#others = null;
      }
      this.#lingerIfIdle();
    };
    return { update: () => others.update(), leave };
  }

  others(): Present[] {
    return this.#others?.list() ?? [];
  }

  /** There is a reason to look whether something was missed. */
  wake(): void {
    this.#link.wake();
    this.#others?.wake();
    for (const watcher of this.#watchers.keys()) watcher.wake();
    void this.#keepUp.compare();
  }

  /** Ends everything, and says why. */
  fail(error: TrackItError): void {
    const failed = [...this.#watchers.values(), ...this.#present.values(), ...this.#hearers.values()];
    this.stop();
    for (const tell of failed) tell(error);
  }

  stop(): void {
    if (this.isOver) return;
    this.#over.abort();
    for (const stop of this.#stops) stop();
    for (const watcher of this.#watchers.keys()) watcher.stop();
    this.#watchers.clear();
    this.#present.clear();
    this.#hearers.clear();
    this.#link.stop();
    this.#others?.stop();
    this.#overlay?.stop();
    this.#parts.state("idle");
  }

  async #whereTo(): Promise<string> {
    const { topic, n } = await this.#head();
    // Somebody answers: whoever waits before trying again need not.
    for (const watcher of this.#watchers.keys()) watcher.wake();
    this.#stream.seen ??= n;
    this.#begun();
    if (n !== this.#stream.seen) this.#keepUp.catchUp();
    return topic;
  }

  /** The head of this user's events, and of nobody else's. */
  async #head(): Promise<Head> {
    await this.#sameUser();
    const head = await this.#parts.wire.head();
    if (head.topic.startsWith(`user:${this.#user}:`)) return head;
    throw somebodyElse();
  }

  async #sameUser(): Promise<void> {
    if ((await this.#parts.wire.user()) !== this.#user) throw somebodyElse();
  }

  #whoIsHere(user: string | null): void {
    if (user !== this.#user) this.fail(somebodyElse());
    else this.#link.wake();
  }

  #joined(): void {
    this.#online = true;
    this.#parts.state("online");
    // What was told before the channel was open is in the feed.
    this.#keepUp.catchUp();
  }

  #lost(): void {
    if (this.isOver) return;
    this.#online = false;
    this.#parts.state("offline");
  }

  #hear(event: string, payload: unknown): void {
    if (typeof payload !== "object" || payload === null) return;
    if (event === "moved") {
      this.#link.move();
      this.#others?.move();
    } else if (isTold(payload) && this.#stream.hear(payload)) this.#keepUp.catchUp();
  }

  #tell(event: Told): void {
    const { table, row, op } = event;
    if (row === null) this.#overlay?.forget(table);
    else if (op === "delete") this.#overlay?.heard(table, row.id);
    else if (typeof row.version === "number") this.#overlay?.heard(table, row.id, row.version);
    for (const watcher of [...this.#watchers.keys()]) watcher.hear(event);
    for (const hear of [...this.#hearers.keys()]) told(() => hear(table));
    if (table !== "profiles" || !row || !this.#parts.profile(this.#user, row)) return;
    for (const watcher of this.#watchers.keys()) if (watcher.followsProfile) watcher.reload();
  }

  #settle(table: string, ids: string[]): void {
    for (const watcher of this.#watchers.keys()) if (watcher.table === table) watcher.settle(ids);
  }

  #reloadAll(): void {
    this.#overlay?.forget();
    for (const watcher of this.#watchers.keys()) watcher.reload();
    for (const hear of [...this.#hearers.keys()]) told(() => hear(null));
  }

  async #compareHeads(): Promise<void> {
    const topic = await this.#whereTo();
    if (this.#online && this.#link.topic !== topic) this.#hear("moved", {});
  }

  #lingerIfIdle(): void {
    const isIdle = (): boolean => this.#watchers.size + this.#present.size + this.#hearers.size === 0;
    if (!isIdle() || this.isOver) return;
    const { around } = this.#parts;
    void around.wait(clocks.linger, this.#over.signal).then(() => {
      if (isIdle()) this.stop();
    });
  }
}

function isTold(payload: object): payload is Told {
  return "n" in payload && typeof payload.n === "number" && "table" in payload && "op" in payload;
}

function somebodyElse(): TrackItError {
  return new TrackItError("AUTH_REQUIRED", "watch: the user has signed out", {
    hint: "Watch anew when somebody has signed in",
  });
}
