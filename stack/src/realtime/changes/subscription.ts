import type { Channel } from "../channel/channel.ts";
import type { Condition } from "./condition.ts";
import type { ChangeParams } from "./params.ts";
import type { Table } from "./table.ts";

/** One `postgres_changes` entry of an open channel. */
export interface Subscription {
  channel: Channel;
  id: number;
  params: ChangeParams;
  /** Its filters, made ready for each table that it meets. */
  prepared: WeakMap<Table, Promise<Condition[]>>;
}

/** Subscriptions by what they listen to. */
export class Subscriptions {
  readonly #byTable = new Map<string, Set<Subscription>>();

  add(subscription: Subscription): void {
    const key = keyOf(subscription.params.schema, subscription.params.table);
    const set = this.#byTable.get(key) ?? new Set();
    set.add(subscription);
    this.#byTable.set(key, set);
  }

  remove(subscription: Subscription): void {
    const key = keyOf(subscription.params.schema, subscription.params.table);
    const set = this.#byTable.get(key);
    set?.delete(subscription);
    if (set?.size === 0) this.#byTable.delete(key);
  }

  has(schema: string, table: string): boolean {
    return this.#byTable.size > 0 && keysFor(schema, table).some((key) => this.#byTable.has(key));
  }

  of(schema: string, table: string): Subscription[] {
    return keysFor(schema, table).flatMap((key) => [...(this.#byTable.get(key) ?? [])]);
  }
}

const keyOf = (schema: string, table: string) => JSON.stringify([schema, table]);

const keysFor = (schema: string, table: string) => [
  keyOf(schema, table),
  keyOf(schema, "*"),
  keyOf("*", table),
  keyOf("*", "*"),
];
