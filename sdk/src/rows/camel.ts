/** The one place where database names become SDK names and back. Only the top level: JSON inside a row is the user's. */
export type CamelKey<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail>>}`
  : Key;

export type Camel<Row> = { [Key in keyof Row & string as CamelKey<Key>]: Row[Key] };

export function camelKey(column: string): string {
  return column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function snakeKey(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A database row under SDK names; `hidden` columns (search vectors and the like) stay behind. */
export function camelRow<Row extends object>(row: Row, hidden: readonly string[] = []): Camel<Row> {
  const entries = Object.entries(row).filter(([column]) => !hidden.includes(column));
  return Object.fromEntries(entries.map(([column, value]) => [camelKey(column), value])) as Camel<Row>;
}

/** Input under SDK names as columns; fields that were left out stay out. */
export function toColumns(input: object): Record<string, unknown> {
  const entries = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([field, value]) => [snakeKey(field), value]));
}
