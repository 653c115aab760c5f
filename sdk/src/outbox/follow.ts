import type { Entry, Thing } from "./entry.ts";
import { foreseen } from "./optimistic.ts";

/**
 * The changes of a row that come after a write, put on new ground: the first is based on this version, and what the
 * device shows follows from this row.
 */
export function follow(
  entries: readonly Entry[],
  after: number,
  row: Thing,
  base: number | null,
  userId: string,
): Entry[] {
  let before = row;
  let version = base;
  const moved: Entry[] = [];
  for (const entry of entries) {
    if (entry.seq <= after || !("id" in entry.intent) || entry.intent.id !== row.id) continue;
    const rows = foreseen(entry.intent, before, userId, entry.since);
    moved.push({ ...entry, base: entry.base ?? version, before: [before], rows });
    before = rows[0] ?? before;
    version = null;
  }
  return moved;
}
