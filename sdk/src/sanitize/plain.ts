/** Objects of another window count as well: what their prototype inherits from is nothing. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a value is that is no JSON, in words. */
export function describe(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an instance of ${value?.constructor?.name ?? "a class"}`;
}
