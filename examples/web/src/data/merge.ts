interface Row {
  id: string;
  version: number;
  position: string;
}

/** Which rows a list holds, and in which order. */
export interface Rules<R> {
  /** Whether a row belongs in the list. @param known it is in the list already */
  accepts(row: R, known: boolean): boolean;
  compare(a: R, b: R): number;
}

/**
 * Puts a changed row where it belongs, or takes it out.
 * @param edge the last row that was loaded, where more can be: what lies beyond it comes with its page
 */
export function merge<R extends Row>(
  rows: readonly R[],
  row: R,
  { accepts, compare }: Rules<R>,
  edge: R | null = null,
): readonly R[] {
  const known = rows.find((one) => one.id === row.id);
  if (known && known.version > row.version) return rows;
  if (!accepts(row, known !== undefined)) return known ? without(rows, row.id) : rows;
  if (!known && edge && compare(row, edge) > 0) return rows;
  return [...without(rows, row.id), row].sort(compare);
}

export function without<R extends Row>(rows: readonly R[], id: string): readonly R[] {
  return rows.some((one) => one.id === id) ? rows.filter((one) => one.id !== id) : rows;
}

/** A list as it is once the whole table is known. */
export function restocked<R extends Row>(
  rows: readonly R[],
  all: ReadonlyMap<string, R>,
  rules: Rules<R>,
  edge: R | null,
): readonly R[] {
  const { accepts, compare } = rules;
  const known = new Map(rows.map((row) => [row.id, row]));
  const newer = (row: R): R => {
    const shown = known.get(row.id);
    return shown && shown.version > row.version ? shown : row;
  };
  const belongs = (row: R): boolean =>
    accepts(row, known.has(row.id)) && (known.has(row.id) || !edge || compare(row, edge) <= 0);
  return [...all.values()].map(newer).filter(belongs).sort(compare);
}

/**
 * A list with the changes that still wait on this device.
 * @param places positions of rows that were moved and that the server has not moved yet
 */
export function overlaid<R extends Row>(
  rows: readonly R[],
  waiting: readonly R[],
  places: ReadonlyMap<string, string>,
  { accepts, compare }: Rules<R>,
): readonly R[] {
  if (waiting.length === 0 && places.size === 0) return rows;
  const known = new Set(rows.map((row) => row.id));
  const changed = new Set(waiting.map((row) => row.id));
  const belonging = waiting.filter((row) => accepts(row, known.has(row.id)));
  return [...rows.filter((row) => !changed.has(row.id)), ...belonging]
    .map((row) => ({ ...row, position: places.get(row.id) ?? row.position }))
    .sort(compare);
}
