import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { checked } from "../failure/usage.ts";
import { between } from "../position/fractional.ts";
import { place as placeSchema } from "../schema/values.ts";
import { type Query, type RowOf, run } from "../transport/rest.ts";
import type { Place, WriteOptions } from "../types.ts";
import { type Entity, rowsOf, type ThingTable } from "./entity.ts";
import { checkedId, getRow } from "./read.ts";
import { updateRow } from "./update.ts";

/** Narrows to the rows among which a row is placed: a goal's tasks, a task's subtasks. */
export type Siblings<Row> = (query: Query<Row>, of: Row) => Query<Row>;

/**
 * Gives a row a position between two others. Only this row is written, whatever the length of the list; rows that
 * share one position (made by other clients, which need not care) are moved apart first.
 */
export async function reorderRow<Table extends ThingTable, Out>(
  entity: Entity<Table, Out>,
  siblings: Siblings<RowOf<Table>>,
  id: string,
  place: Place,
  options: WriteOptions,
  action: string,
): Promise<Out> {
  const wanted = checked(placeSchema, { place }, action).place;
  const { signal, version } = options;
  const { keeper } = entity.connection;
  if (keeper) {
    const intent = {
      kind: "reorder",
      table: entity.table,
      id: checkedId(id, action),
      place: wanted,
    } as const;
    const [kept] = (await keeper.write(intent, { action, version, signal })) as Out[];
    return kept as Out;
  }
  const row = await getRow(entity, id, action, signal);
  const list = new Neighbours(entity, siblings, row, action, signal);
  const after = await list.before(wanted);
  const position = await list.roomAfter(after);
  return updateRow(entity, row.id, { position }, options, action);
}

class Neighbours<Table extends ThingTable, Out> {
  readonly #entity: Entity<Table, Out>;
  readonly #siblings: Siblings<RowOf<Table>>;
  readonly #row: RowOf<Table>;
  readonly #action: string;
  readonly #signal: AbortSignal | undefined;

  constructor(
    entity: Entity<Table, Out>,
    siblings: Siblings<RowOf<Table>>,
    row: RowOf<Table>,
    action: string,
    signal: AbortSignal | undefined,
  ) {
    this.#entity = entity;
    this.#siblings = siblings;
    this.#row = row;
    this.#action = action;
    this.#signal = signal;
  }

  /** The row behind which the place is; null for the start of the list. */
  async before(place: Place): Promise<RowOf<Table> | null> {
    if (place === "first") return null;
    if (place === "last") return this.#one((all) => inOrder(all, false));
    if ("after" in place) return this.#anchor(place.after, "after");
    const anchor = await this.#anchor(place.before, "before");
    return this.#one((all) => inOrder(beside(all, anchor, "lt"), false));
  }

  /** A position behind `row` and before whatever follows it. */
  async roomAfter(row: RowOf<Table> | null): Promise<string> {
    const lower = row?.position ?? null;
    const next = await this.#one((all) => inOrder(row ? beside(all, row, "gt") : all, true));
    if (next && next.position === lower) await this.#spread(row as RowOf<Table>);
    const upper = next?.position === lower ? await this.#firstAbove(lower) : (next?.position ?? null);
    return between(lower, upper);
  }

  /** Moves every row that shares `row`'s position and comes after it to positions of their own. */
  async #spread(row: RowOf<Table>): Promise<void> {
    const upper = await this.#firstAbove(row.position);
    const MOST = 500;
    const tied = await this.#many(
      (all) => inOrder(beside(all.eq("position", row.position), row, "gt"), true),
      MOST,
    );
    // From the back, so that at every moment the list has the order that it had.
    let above = upper;
    for (const one of tied.reverse()) {
      above = between(row.position, above);
      await updateRow(this.#entity, one.id, { position: above }, { signal: this.#signal }, this.#action);
    }
  }

  async #firstAbove(position: string): Promise<string | null> {
    const row = await this.#one((all) => inOrder(all.gt("position", position), true));
    return row?.position ?? null;
  }

  async #anchor(id: string, field: string): Promise<RowOf<Table>> {
    const anchor = await getRow(this.#entity, id, this.#action, this.#signal);
    if (anchor.id === this.#row.id) throw invalid(this.#action, field, id, "the id of another row");
    const [among] = await run(this.#all().eq("id", anchor.id).limit(1), this.#action, this.#signal);
    if (among) return among;
    throw new TrackItError("USAGE_REFERENCE", `${this.#action}: ${id} is in another list`, {
      field,
      value: id,
      rule: "a row of the same list: the same goal and the same parent task",
    });
  }

  /** Every sibling but the row itself. */
  #all(): Query<RowOf<Table>> {
    const live = rowsOf(this.#entity).select("*").is("deleted_at", null).not("id", "eq", this.#row.id);
    return this.#siblings(live, this.#row);
  }

  async #one(choose: (all: Query<RowOf<Table>>) => Query<RowOf<Table>>): Promise<RowOf<Table> | null> {
    return (await this.#many(choose, 1))[0] ?? null;
  }

  #many(choose: (all: Query<RowOf<Table>>) => Query<RowOf<Table>>, most: number): Promise<RowOf<Table>[]> {
    return run(choose(this.#all()).limit(most), this.#action, this.#signal);
  }
}

function inOrder<Row>(query: Query<Row>, ascending: boolean): Query<Row> {
  return query.order("position", { ascending }).order("id", { ascending });
}

/** Rows that come after (`gt`) or before (`lt`) a row, ids breaking ties. */
function beside<Row>(
  query: Query<Row>,
  row: { id: string; position: string },
  side: "gt" | "lt",
): Query<Row> {
  const { id, position } = row;
  const bounded = side === "gt" ? query.gte("position", position) : query.lte("position", position);
  return bounded.or(`position.${side}."${position}",and(position.eq."${position}",id.${side}."${id}")`);
}
