import { type Bytes, fromBase64url, toBase64url } from "../../crypto/bytes/index.ts";

/**
 * Values as bytes and back: bytes, lists, maps, plain objects, text, numbers, booleans, null, however they share parts:
 * the states of a room's log share most of theirs, and one copy of each is kept. What is undefined is left out.
 *
 * Everything that is no primitive is a list with a letter in front; `r` is what came before under that number.
 */
export function encodeGraph(value: unknown): Bytes {
  const known = new Map<object, number>();
  const one = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    const before = known.get(part);
    if (before !== undefined) return ["r", before];
    known.set(part, known.size);
    if (part instanceof Uint8Array) return ["b", toBase64url(part)];
    if (Array.isArray(part)) return ["a", ...part.map(one)];
    if (part instanceof Map) return ["m", ...[...part].flat(1).map(one)];
    const named = Object.entries(part).filter(([, held]) => held !== undefined);
    return ["o", ...named.flatMap(([name, held]) => [name, one(held)])];
  };
  return new TextEncoder().encode(JSON.stringify(one(value))) as Bytes;
}

/** @throws where the bytes are no such value */
export function decodeGraph(bytes: Uint8Array): unknown {
  const known: unknown[] = [];
  const one = (part: unknown): unknown => {
    if (!Array.isArray(part)) return part;
    const [kind, ...held] = part as [string, ...unknown[]];
    if (kind === "r") return known[held[0] as number];
    const at = known.push(null) - 1;
    if (kind === "b") {
      known[at] = fromBase64url(held[0] as string);
    } else if (kind === "a") {
      const list: unknown[] = [];
      known[at] = list;
      for (const item of held) list.push(one(item));
    } else if (kind === "m") {
      const map = new Map<unknown, unknown>();
      known[at] = map;
      for (let i = 0; i < held.length; i += 2) map.set(one(held[i]), one(held[i + 1]));
    } else {
      const object = {};
      known[at] = object;
      // As a property of its own, so that an app's `__proto__` is a name like any other.
      const how = { configurable: true, enumerable: true, writable: true };
      for (let i = 0; i < held.length; i += 2)
        Object.defineProperty(object, String(held[i]), { ...how, value: one(held[i + 1]) });
    }
    return known[at];
  };
  return one(JSON.parse(new TextDecoder().decode(bytes)));
}
