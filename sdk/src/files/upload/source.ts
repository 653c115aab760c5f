import { invalid } from "../../failure/invalid.ts";
import type { FileSource } from "../types.ts";

/** A source, as every kind of it is read: from its beginning. */
export interface Readable {
  size: number;
  name: string | null;
  type: string;
  blob: Blob | null;
  stream(): AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
}

/** @throws USAGE_INVALID */
export function readable(source: FileSource, action: string): Readable {
  if (source instanceof Uint8Array) {
    return { ...nothing, size: source.length, stream: () => once(source) };
  }
  if (source instanceof Blob) {
    const name =
      "name" in source && typeof source.name === "string" && source.name !== "" ? source.name : null;
    return { size: source.size, name, type: source.type, blob: source, stream: () => source.stream() };
  }
  const { size, stream } = (source ?? {}) as { size?: unknown; stream?: unknown };
  const isSize = Number.isSafeInteger(size) && (size as number) >= 0;
  if (!isSize || typeof stream !== "function")
    throw invalid(
      action,
      "source",
      size,
      "a Blob, a Uint8Array, or { size, stream() } with its size in bytes",
    );
  const name = Reflect.get(source as object, "name");
  const type = Reflect.get(source as object, "type");
  return {
    ...nothing,
    size: size as number,
    name: typeof name === "string" ? name : null,
    type: typeof type === "string" ? type : "",
    stream: () => (source as Readable).stream(),
  };
}

const nothing = { name: null, type: "", blob: null };

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
