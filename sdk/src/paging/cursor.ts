import { TrackItError } from "../errors.ts";

/** Where a page ends: the sort value and the id of its last row. */
export interface Cursor {
  value: string | number;
  id: string;
}

/** A cursor says for which order it was made, so that it cannot be used with another. */
export function encodeCursor(order: string, { value, id }: Cursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify([order, value, id]));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @throws USAGE_CURSOR for text that is no cursor, or one of another order. */
export function decodeCursor(order: string, text: string, action: string): Cursor {
  const [known, value, id] = parse(text);
  const wellFormed = typeof id === "string" && (typeof value === "string" || typeof value === "number");
  if (known === order && wellFormed) return { value, id };
  const rule = `the \`next\` of a page that was read in the same order (${order})`;
  throw new TrackItError("USAGE_CURSOR", `${action}: after is ${JSON.stringify(text)}, wanted ${rule}`, {
    field: "after",
    value: text,
    rule,
  });
}

function parse(text: string): unknown[] {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
