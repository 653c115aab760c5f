import type { Told } from "../../sdk/src/live/wire.ts";
import type { Task } from "../../sdk/src/tasks/types.ts";

/** What the database keeps of somebody: tasks, and numbered events about them. */
export class FeedModel {
  readonly rows = new Map<string, Task>();
  n = 0;
  rev = 1;
  /** Hears each event as it is told, under the topic of that time. */
  onTold: (topic: string, event: string, payload: object) => void = () => {};
  #feed: { n: number; op: Told["op"]; id: string | null }[] = [];
  #stamp = 0;

  constructor(readonly user: string) {}

  get topic(): string {
    return `user:${this.user}:${this.rev}`;
  }

  /** Makes or edits tasks in one transaction: each is told once, as it ended; more than 50 are told as many. */
  write(changes: readonly (Partial<Task> & { id: string })[]): void {
    const touched = changes.map((change) => {
      const before = this.rows.get(change.id);
      this.#stamp += 1;
      const row = { ...(before ?? blank(change.id, this.user)), ...change, custom: { stamp: this.#stamp } };
      row.version = (before?.version ?? 0) + 1;
      this.rows.set(row.id, row);
      return { id: row.id, op: before ? ("update" as const) : ("insert" as const) };
    });
    if (touched.length > 50) this.#note("many", null);
    else for (const { op, id } of touched) this.#note(op, id);
  }

  erase(id: string): void {
    if (this.rows.delete(id)) this.#note("delete", id);
  }

  /** As when a session ends: the old topic hears of it, and then nothing more. */
  move(): void {
    const old = this.topic;
    this.rev += 1;
    this.onTold(old, "moved", { v: 1, rev: this.rev, n: this.n });
  }

  /** Events up to now can be read no longer. */
  forget(): void {
    this.#feed = [];
  }

  since(n: number, limit: number): { n: number; too_old: boolean; events: Told[] } {
    const reaches = n === this.n || this.#feed.some((event) => event.n === n + 1);
    if (n > this.n || !reaches) return { n: this.n, too_old: true, events: [] };
    const later = this.#feed.filter((event) => event.n > n).slice(0, limit);
    return { n: this.n, too_old: false, events: later.map((event) => this.#told(event)) };
  }

  #note(op: Told["op"], id: string | null): void {
    this.n += 1;
    const event = { n: this.n, op, id };
    this.#feed.push(event);
    this.onTold(this.topic, `tasks.${op}`, this.#told(event));
  }

  #told({ n, op, id }: { n: number; op: Told["op"]; id: string | null }): Told {
    if (id === null) return { n, table: "tasks", op: "many", row: null };
    const row = this.rows.get(id);
    if (!row) return { n, table: "tasks", op: "delete", row: { id } };
    return { n, table: "tasks", op: op === "delete" ? "insert" : op, row: { ...row } };
  }
}

function blank(id: string, ownerId: string): Task {
  const now = "2026-11-20T10:00:00+00:00";
  return {
    id,
    ownerId,
    goalId: null,
    parentId: null,
    title: "",
    description: "",
    status: "todo",
    priority: 0,
    assigneeId: null,
    dueAt: null,
    remindAt: null,
    rrule: null,
    tags: [],
    position: "a0",
    custom: {},
    completedAt: null,
    deletedAt: null,
    createdAt: now,
    updatedAt: now,
    version: 0,
  };
}
