import { unmarkNumbers } from "./exact.ts";

/** pg_type oids of json and jsonb. */
const jsonTypes = new Set([114, 3802]);

/** A JavaScript value as the text that Postgres reads for a parameter of this type. */
export function parameterText(value: unknown, type: number): string | null {
  if (value === null || value === undefined) return null;
  if (jsonTypes.has(type)) return jsonText(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return arrayText(value);
  return unmarkNumbers(typeof value === "object" ? JSON.stringify(value) : String(value));
}

/** lite hands over JSON that it has already written for RPC arguments, and bare values for columns. */
function jsonText(value: unknown): string {
  if (typeof value !== "string") return unmarkNumbers(JSON.stringify(value));
  const text = unmarkNumbers(value);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

/** An array in Postgres' own text form; nested ones become dimensions. */
function arrayText(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return "NULL";
    if (Array.isArray(value)) return arrayText(value);
    const text = parameterText(value, 0) ?? "";
    return `"${text.replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${elements.join(",")}}`;
}
