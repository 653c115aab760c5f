/** Postgres' `@>` on JSON: every part of `wanted` is found in `value`, at the same place, arrays in any order. */
export function contains(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(wanted) || Array.isArray(value)) {
    if (!Array.isArray(wanted) || !Array.isArray(value)) return false;
    return wanted.every((part) => value.some((item) => contains(item, part)));
  }
  const found = new Map<string, unknown>(Object.entries(value));
  return Object.entries(wanted).every(([key, part]) => found.has(key) && contains(found.get(key), part));
}
