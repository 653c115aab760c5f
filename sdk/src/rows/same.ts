/** Columns whose text Postgres writes in its own way. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** Whether a stored row has everything that was sent; columns that were not sent do not count. */
export function sameContent(sent: Record<string, unknown>, stored: object): boolean {
  const row = new Map<string, unknown>(Object.entries(stored));
  return Object.entries(sent).every(([column, value]) => sameValue(value, row.get(column)));
}

/** Equality of JSON: keys in any order, points in time in any writing. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === "string" && typeof b === "string") return sameInstant(a, b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)))
  );
}

function sameInstant(a: string, b: string): boolean {
  return INSTANT.test(a) && INSTANT.test(b) && Date.parse(a) === Date.parse(b);
}
