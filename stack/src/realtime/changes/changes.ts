import type { Log } from "../../part.ts";
import type { Database } from "../access/database.ts";
import type { Channel } from "../channel/channel.ts";
import type { Change, Relation, Value } from "../feed/changes.ts";
import { named } from "../feed/row.ts";
import { type FanOut, textFanOut } from "../wire/fan-out.ts";
import type { Payload } from "../wire/message.ts";
import { readAccess } from "./access.ts";
import { matching } from "./matching.ts";
import { type ChangeParams, idOf, readChangeParams } from "./params.ts";
import { dataFor, faultOf, type Told } from "./payload.ts";
import { checkSubscription } from "./prepare.ts";
import { type Subscription, Subscriptions } from "./subscription.ts";
import { describeTable, type Table } from "./table.ts";
import { toJson } from "./values.ts";
import { areVisible, type Question } from "./visible.ts";

type Row = Record<string, Value>;

/** `postgres_changes`: who listens to which tables, and what each is told. */
export class Changes {
  readonly #database: Database;
  readonly #log: Log;
  readonly #subscriptions = new Subscriptions();
  readonly #mine = new WeakMap<Channel, Subscription[]>();
  readonly #tables = new WeakMap<Relation, Promise<Table | null>>();

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  wants({ schema, table }: Relation): boolean {
    return this.#subscriptions.has(schema, table);
  }

  /**
   * Checks what a channel asks for, and tells it of changes from then on.
   * @throws SubscribeError
   */
  async subscribe(channel: Channel): Promise<void> {
    const wanted = await this.#check(channel);
    if (channel.closed) return;
    this.#forget(channel);
    const mine = [...wanted].map(([id, params]) => ({ channel, id, params, prepared: new WeakMap() }));
    this.#mine.set(channel, mine);
    for (const subscription of mine) this.#subscriptions.add(subscription);
    channel.onClose(() => this.#forget(channel));
  }

  #forget(channel: Channel): void {
    for (const subscription of this.#mine.get(channel) ?? []) this.#subscriptions.remove(subscription);
    this.#mine.delete(channel);
  }

  /** @throws SubscribeError */
  async #check({ params, identity }: Channel): Promise<Map<number, ChangeParams>> {
    const wanted = new Map(params.changes.map((one: Payload) => [idOf(one), readChangeParams(one)]));
    for (const one of wanted.values()) await checkSubscription(this.#database, identity.role, one);
    return wanted;
  }

  /**
   * Tells a run of changes of one table, in order.
   * @param committedAt microseconds since 1970
   */
  async tell(run: Change[], committedAt: bigint): Promise<void> {
    const relation = run[0]?.relation;
    const table = relation ? await this.#describe(relation) : null;
    if (!relation || !table) return;
    const heard = await this.#heard(run, table, relation);
    const roles = new Set(heard.flatMap(({ listeners }) => listeners.map(roleOf)));
    if (roles.size === 0) return;
    const access = await readAccess(this.#database, table, [...roles]);
    if (!access) return;
    const allowed = access.rls ? await this.#askPolicies(heard, table) : () => true;
    for (const { change, row, old, listeners } of heard) {
      const told: Told = {
        change,
        table,
        committedAt: Number(committedAt / 1000n),
        rls: access.rls,
        row: row && (await toJson(this.#database, table, row)),
        old: old && (await toJson(this.#database, table, old)),
      };
      const readable = (role: string) => access.columns.get(role) ?? new Set<string>();
      // A fault is told to everybody whom it concerns, and holds no value of the row.
      const seeing = listeners.filter(
        (one) =>
          change.kind === "DELETE" || faultOf(told, readable(roleOf(one))) !== null || allowed(change, one),
      );
      deliver(told, seeing, readable);
    }
  }

  #describe(relation: Relation): Promise<Table | null> {
    const known = this.#tables.get(relation);
    if (known) return known;
    const fresh = describeTable(this.#database, relation.schema, relation.table).catch((error) => {
      this.#tables.delete(relation);
      throw error;
    });
    this.#tables.set(relation, fresh);
    return fresh;
  }

  /** Who listens to each change, by event and filters alone. */
  async #heard(run: Change[], table: Table, relation: Relation) {
    const all = this.#subscriptions.of(relation.schema, relation.table);
    const heard: Heard[] = [];
    for (const change of run) {
      const row = change.row && named(relation, change.row);
      const old = oldOf(change, relation, row);
      const interested = all.filter(({ params: { event } }) => event === "*" || event === change.kind);
      const listeners = await matching(this.#database, table, row ?? old ?? {}, interested);
      heard.push({ change, row, old, listeners });
    }
    return heard.filter(({ listeners }) => listeners.length > 0);
  }

  /** A policy is asked once for each row and each pair of role and claims. */
  async #askPolicies(
    heard: Heard[],
    table: Table,
  ): Promise<(change: Change, listener: Subscription) => boolean> {
    const questions: Question[] = [];
    const numbers = new Map<Change, Map<string, number>>();
    for (const { change, row, listeners } of heard) {
      if (!row || !table.columns.some(({ isKey }) => isKey)) continue;
      const asked = new Map<string, number>();
      numbers.set(change, asked);
      for (const { channel } of listeners) {
        const key = claimsOf(channel);
        if (asked.has(key)) continue;
        asked.set(key, questions.push({ identity: channel.identity, row }) - 1);
      }
    }
    const answers = await areVisible(this.#database, table, questions, this.#log);
    return (change, { channel }) => {
      const asked = numbers.get(change);
      // Without a primary key there is nothing to ask by; the listener is told that alone.
      return asked ? answers[asked.get(claimsOf(channel)) ?? -1] === true : true;
    };
  }
}

interface Heard {
  change: Change;
  row: Row | null;
  old: Row | null;
  listeners: Subscription[];
}

const roleOf = ({ channel }: Subscription) => channel.identity.role;
const claimsOf = ({ identity }: Channel) => JSON.stringify([identity.role, identity.claims]);

/** An update whose key stayed the same does not tell it twice. */
function oldOf({ kind, old }: Change, relation: Relation, row: Row | null): Row | null {
  if (old) return named(relation, old);
  if (kind !== "UPDATE" || !row) return null;
  const keys = relation.columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  return Object.fromEntries(keys.map((name) => [name, row[name]]));
}

/** One frame for all who are told the same under the same numbers. */
function deliver(
  told: Told,
  listeners: Subscription[],
  readable: (role: string) => ReadonlySet<string>,
): void {
  const data = new Map<string, object>();
  const frames = new Map<string, FanOut>();
  for (const [channel, mine] of groupBy(listeners, ({ channel }) => channel)) {
    for (const [variant, same] of groupBy(mine, variantOf)) {
      if (!data.has(variant)) {
        data.set(variant, dataFor(told, readable(channel.identity.role), same[0]?.params.select ?? null));
      }
      const ids = same.map(({ id }) => id);
      const key = JSON.stringify([channel.topic, variant, ids]);
      const payload = { ids, data: data.get(variant) };
      const frame =
        frames.get(key) ?? textFanOut({ topic: channel.topic, event: "postgres_changes", payload });
      frames.set(key, frame);
      channel.deliver(frame);
    }
  }
}

const variantOf = ({ channel, params }: Subscription) =>
  JSON.stringify([channel.identity.role, params.select]);

function groupBy<T, K>(items: T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
