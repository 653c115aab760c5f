/** Any part of a value, at any depth; lists are replaced whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `base` with every value that `over` gives; neither is changed. */
export function merge<T>(base: T, over: DeepPartial<NoInfer<T>>): T {
  if (!isRecord(base) || !isRecord(over)) return (over === undefined ? base : over) as T;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (key === "__proto__") continue;
    result[key] = merge(result[key], value as DeepPartial<unknown>);
  }
  return result as T;
}
