import { type Bytes, misuse, openFailed, Reader, Writer } from "./bytes/index.ts";

/**
 * One part of an object: how it is written and how it is read. Reading refuses (CRYPTO_OPEN_FAILED) whatever writing
 * does not make, so every value has one encoding.
 */
export interface Field<T> {
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

/** What a field holds. */
export type Value<F> = F extends Field<infer T> ? T : never;
type Fields = Record<string, Field<unknown>>;
type Values<F extends Fields> = { [Name in keyof F]: Value<F[Name]> };

const integer = (width: "u8" | "u16" | "u32" | "u64"): Field<number> => ({
  write: (writer, value) => writer[width](value),
  read: (reader) => reader[width](),
});
export const u8 = integer("u8");
export const u16 = integer("u16");
export const u32 = integer("u32");
export const u64 = integer("u64");

/** Exactly `width` bytes. */
export const fixed = (width: number): Field<Bytes> => ({
  write: (writer, value) => writer.fixed(value, width),
  read: (reader) => reader.fixed(width),
});
/** A UUID, a device or key id. */
export const id = fixed(16);
/** A SHA-256, a key, a secret. */
export const hash = fixed(32);

/** The same field, for those values alone that the rule takes. */
export const only = <T>(field: Field<T>, rule: (value: T) => boolean): Field<T> => ({
  write(writer, value) {
    if (!rule(value)) throw misuse("a field", "out of range", "as in docs/protocol.md");
    field.write(writer, value);
  },
  read(reader) {
    const value = field.read(reader);
    if (!rule(value)) throw openFailed();
    return value;
  },
});

const between = (least: number, most: number) => (value: number) => value >= least && value <= most;
/** A byte from `least` to `most`. */
export const range8 = (least: number, most: number): Field<number> => only(u8, between(least, most));

/** u64 from `least` on. */
export const from64 = (least: number): Field<number> => only(u64, (value) => value >= least);

/** A byte that says which of the names it is, counting from `first`. */
export const named = <Name extends string>(names: readonly Name[], first = 1): Field<Name> => ({
  write: (writer, value) => writer.u8(names.indexOf(value) + first),
  read(reader) {
    const name = names[reader.u8() - first];
    if (name === undefined) throw openFailed();
    return name;
  },
});

export const flag: Field<boolean> = {
  write: (writer, value) => writer.u8(value ? 1 : 0),
  read: (reader) => range8(0, 1).read(reader) === 1,
};

/** Two bytes of length and the bytes. */
export const bytes16 = (least: number, most: number): Field<Bytes> =>
  only(
    { write: (writer, value) => writer.bytes16(value), read: (reader) => reader.bytes16(most) },
    (value) => value.length >= least && value.length <= most,
  );

/** As `bytes16` of UTF-8 in NFC; the limits are bytes. */
export const text16 = (least: number, most: number): Field<string> => ({
  write(writer, value) {
    const inner = new Writer().text16(value).done();
    if (!between(least, most)(inner.length - 2)) {
      throw misuse("a text", `${inner.length - 2} bytes`, `${least} to ${most} bytes`);
    }
    writer.fixed(inner, inner.length);
  },
  read(reader) {
    const left = reader.left;
    const text = reader.text16(most);
    if (left - reader.left - 2 < least) throw openFailed();
    return text;
  },
});

/** Four bytes of length and the bytes. */
export const bytes32 = (most: number): Field<Bytes> => ({
  write: (writer, value) => writer.u32(value.length).fixed(value, value.length),
  read(reader) {
    const length = reader.u32();
    if (length > most) throw openFailed();
    return reader.fixed(length);
  },
});

/** Fields in the order in which they are named. Writing takes an object that may have others too. */
export function struct<F extends Fields>(fields: F): Field<Values<F>> {
  const names = Object.keys(fields);
  return {
    write(writer, value) {
      for (const name of names) fields[name]?.write(writer, value[name]);
    },
    read: (reader) =>
      Object.fromEntries(names.map((name) => [name, fields[name]?.read(reader)])) as Values<F>,
  };
}

/** The field after a version byte, which is 1. */
export const versioned = <T>(field: Field<T>): Field<T> => ({
  write: (writer, value) => field.write(writer.u8(1), value),
  read(reader) {
    range8(1, 1).read(reader);
    return field.read(reader);
  },
});

/** A count and as many items, in ascending order of their keys without duplicates. */
export const ascending = <T>(
  count: Field<number>,
  item: Field<T>,
  key: (value: T) => Uint8Array,
): Field<readonly T[]> =>
  only(
    {
      write(writer, value) {
        count.write(writer, value.length);
        for (const one of value) item.write(writer, one);
      },
      read(reader) {
        const items: T[] = [];
        for (let left = count.read(reader); left > 0; left--) items.push(item.read(reader));
        return items;
      },
    },
    (items) => items.every((one, at) => at === 0 || compare(key(items[at - 1] as T), key(one)) < 0),
  );

/** Order of bytes as unsigned integers. */
export function compare(one: Uint8Array, other: Uint8Array): number {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at === -1 ? one.length - other.length : (one[at] ?? 0) - (other[at] ?? -1);
}

export function encode<T>(field: Field<T>, value: T): Bytes {
  const writer = new Writer();
  field.write(writer, value);
  return writer.done();
}

/** @throws CRYPTO_OPEN_FAILED for anything but what `encode` makes; trailing bytes too. */
export function decode<T>(field: Field<T>, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const value = field.read(reader);
  reader.end();
  return value;
}

/** A place in a log: number and hash of an entry. In the transcript the hash is T. */
export const head = struct({ seq: u64, hash });
export type Head = Value<typeof head>;

/** Before the first entry; also where a place is left empty. */
export const NO_HEAD: Head = { seq: 0, hash: new Uint8Array(32) };
