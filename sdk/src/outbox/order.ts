import type { ThingTable } from "../rows/entity.ts";
import type { Columns, Intent } from "../rows/keeper.ts";
import type { Entry, Thing } from "./entry.ts";

/** What a write changes, and what it relies on. */
export interface Keys {
  writes: string[];
  reads: string[];
}

/**
 * Titles of open goals are unique: a title that one write gives up and the next takes must be sent in that order.
 * Nothing waits for a failed write because of this key alone.
 */
const TITLES = "~goals/titles";

export function keyOf(table: ThingTable, id: string): string {
  return `${table}/${id}`;
}

/** @param before The row that a change is based on: a task's goal and parent are part of what it relies on. */
export function keysOf(intent: Intent, before: Thing | null): Keys {
  const { table } = intent;
  const titles = table === "goals" && touchesTitles(intent) ? [TITLES] : [];
  switch (intent.kind) {
    case "create": {
      const writes = intent.rows.map(({ id }) => keyOf(table, id));
      const reads = intent.rows.flatMap(({ columns }) => above(columns.goal_id, columns.parent_id));
      return { writes: [...writes, ...titles], reads: reads.filter((key) => !writes.includes(key)) };
    }
    case "createTree": {
      const tasks = intent.tasks.map(({ id }) => keyOf("tasks", String(id)));
      return { writes: [keyOf(table, String(intent.goal.id)), ...tasks, ...titles], reads: [] };
    }
    default: {
      const own = keyOf(table, intent.id);
      const was = before && "goalId" in before ? above(before.goalId, before.parentId) : [];
      const reads = [...was, ...named(intent)].filter((key) => key !== own);
      return { writes: [own, ...titles], reads };
    }
  }
}

function named(intent: Extract<Intent, { id: string }>): string[] {
  if (intent.kind === "reorder") {
    const { place } = intent;
    if (typeof place === "string") return [];
    return [keyOf(intent.table, "before" in place ? place.before : place.after)];
  }
  return above(intent.patch.goalId, intent.patch.parentId);
}

function above(goalId: unknown, parentId: unknown): string[] {
  const goal = typeof goalId === "string" ? [keyOf("goals", goalId)] : [];
  return typeof parentId === "string" ? [...goal, keyOf("tasks", parentId)] : goal;
}

function touchesTitles(intent: Intent): boolean {
  if (intent.kind === "reorder") return false;
  if (intent.kind !== "update") return true;
  const touched: Columns = intent.patch;
  return ["title", "status", "deletedAt"].some((field) => field in touched);
}

/** Whether `later` has to wait for `earlier`: they change the same thing, or one relies on what the other changes. */
export function waitsFor(later: Keys, earlier: Keys & { failure: unknown }): boolean {
  const shared = (a: string[], b: string[]): boolean =>
    a.some((key) => b.includes(key) && (!earlier.failure || key !== TITLES));
  if (shared(earlier.writes, later.writes) || shared(earlier.writes, later.reads)) return true;
  return !earlier.failure && shared(earlier.reads, later.writes);
}

/** Writes that nothing before them holds back, oldest first. */
export function ready(entries: readonly Entry[]): Entry[] {
  return entries.filter(
    (entry, index) => !entry.failure && !entries.slice(0, index).some((earlier) => waitsFor(entry, earlier)),
  );
}

/** What stands or falls with a write: after a create everything that needs what it would have made. */
export function fallingWith(entry: Entry, entries: readonly Entry[]): Entry[] {
  const falling = [entry];
  for (const later of entries.filter(({ seq }) => seq > entry.seq)) {
    const lost = falling.filter(creates).flatMap(({ writes }) => writes.filter((key) => key !== TITLES));
    if ([...later.writes, ...later.reads].some((key) => lost.includes(key))) falling.push(later);
  }
  return falling;
}

export function creates({ intent }: Pick<Entry, "intent">): boolean {
  return intent.kind === "create" || intent.kind === "createTree";
}
