import { misuse, openFailed } from "../bytes/index.ts";
import { type Field, text16 } from "../codec.ts";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Arrays and objects inside one another. */
const MOST_DEPTH = 8;
const MOST_BYTES = 32_768;

/**
 * The one text of a value: RFC 8785, whose numbers and strings are those of ECMAScript and whose names are sorted by
 * UTF-16 code units. All text in NFC, as it travels.
 *
 * @throws USAGE_INVALID beyond eight levels, for what JSON cannot say, and for two names that NFC makes one.
 */
export function canonicalJson(value: Json, left = MOST_DEPTH): string {
  if (typeof value === "string") return JSON.stringify(value.normalize());
  if (value === null || typeof value !== "object") {
    const text = typeof value === "number" && !Number.isFinite(value) ? undefined : JSON.stringify(value);
    if (text === undefined) throw misuse("a value", String(value), "JSON");
    return text;
  }
  if (left === 0) throw misuse("JSON", "too deep", `at most ${MOST_DEPTH} levels`);
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one, left - 1)).join()}]`;
  const names = Object.entries(value).map(([name, one]) => [name.normalize(), one] as const);
  if (new Set(names.map(([name]) => name)).size < names.length) throw misuse("names", "alike", "distinct");
  const sorted = names.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, one]) => `${JSON.stringify(name)}:${canonicalJson(one, left - 1)}`).join()}}`;
}

const text = text16(1, MOST_BYTES);

/** A value in the form of RFC 8785; other texts of the same value are refused. */
export const json: Field<Json> = {
  write: (writer, value) => text.write(writer, canonicalJson(value)),
  read(reader) {
    const read = text.read(reader);
    try {
      const value: Json = JSON.parse(read);
      if (canonicalJson(value) === read) return value;
    } catch {
      // As below.
    }
    throw openFailed();
  },
};
