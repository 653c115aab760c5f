import { markNumbers, readNumber, unmarkNumbers } from "./exact.ts";

const same = (text: string) => text;

/** `2026-11-20 03:36:12.1+00` as Postgres writes it within JSON: `2026-11-20T03:36:12.1+00:00`. */
const iso = (text: string) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");

/** lite hands over JSON that it has already written for RPC arguments, and values for columns. */
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

const scalarText = (value: unknown) =>
  value instanceof Date ? value.toISOString() : unmarkNumbers(String(value));

const number = (oid: number) => ({ to: oid, from: [oid], serialize: scalarText, parse: readNumber });
const text = (oid: number, parse: (value: string) => string) => ({
  to: oid,
  from: [oid],
  serialize: scalarText,
  parse,
});
const json = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: jsonText,
  parse: (value: string): unknown => JSON.parse(markNumbers(value)),
});

/** Wire types by which lite's rows come out as PostgREST's do. Keys are postgres.js' names, numbers pg_type oids. */
export const wireTypes = {
  json: json(114),
  jsonb: json(3802),
  bigint: number(20),
  float4: number(700),
  float8: number(701),
  numeric: number(1700),
  timestamp: text(1114, iso),
  timestamptz: text(1184, iso),
  bytea: text(17, same),
};
