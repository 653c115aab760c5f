import type { Log } from "../../part.ts";
import type { Database } from "../access/database.ts";
import type { Channel } from "../channel/channel.ts";
import type { Change, Relation } from "../feed/changes.ts";
import type { Payload } from "../wire/message.ts";
import { readAccess } from "./access.ts";
import { deliver } from "./deliver.ts";
import { findHeard } from "./heard.ts";
import { type ChangeParams, idOf, readChangeParams } from "./params.ts";
import { faultOf, type Told } from "./payload.ts";
import { checkSubscription } from "./prepare.ts";
import { type Subscription, Subscriptions } from "./subscription.ts";
import { describeTable, type Table } from "./table.ts";
import { toJson } from "./values.ts";
import { askPolicies } from "./visible.ts";

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
   * Tells a run of changes of one table, in order. Everything is asked before anything is told: a run that fails is
   * told to nobody, and may come again.
   * @param committedAt microseconds since 1970
   */
  async tell(run: Change[], committedAt: bigint): Promise<void> {
    const relation = run[0]?.relation;
    const table = relation ? await this.#describe(relation) : null;
    if (!relation || !table) return;
    const subscriptions = this.#subscriptions.of(relation.schema, relation.table);
    const heard = await findHeard(this.#database, table, run, subscriptions);
    const roles = new Set(heard.flatMap(({ listeners }) => listeners.map(roleOf)));
    if (roles.size === 0) return;
    const access = await readAccess(this.#database, table, [...roles]);
    if (!access) return;
    const allowed = access.rls ? await askPolicies(this.#database, table, heard, this.#log) : () => true;
    const readable = (role: string) => access.columns.get(role) ?? new Set<string>();
    const ready: [Told, Subscription[]][] = [];
    for (const { change, row, old, listeners } of heard) {
      const told: Told = {
        change,
        table,
        committedAt: Number(committedAt / 1000n),
        rls: access.rls,
        row: row && (await toJson(this.#database, table, row)),
        old: old && (await toJson(this.#database, table, old)),
      };
      // A fault is told to everybody whom it concerns, and holds no value of the row.
      const seeing = listeners.filter(
        (one) =>
          change.kind === "DELETE" || faultOf(told, readable(roleOf(one))) !== null || allowed(change, one),
      );
      ready.push([told, seeing]);
    }
    for (const [told, seeing] of ready) deliver(told, seeing, readable);
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
}

const roleOf = ({ channel }: Subscription) => channel.identity.role;
