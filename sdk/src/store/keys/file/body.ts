import { concat, Reader, Writer } from "../../../crypto/bytes/index.ts";
import { damaged, HEADER_BYTES } from "./header.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const NONCE_BYTES = 12;

/**
 * @returns header ‖ nonce ‖ AES-256-GCM of all values, the header as additional data. The nonce is of 96 random bits,
 * which NIST SP 800-38D §8.3 bounds to 2^32 writes of one file.
 */
export async function sealFile(
  header: Bytes,
  key: CryptoKey,
  values: ReadonlyMap<string, Bytes>,
): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const how = { name: "AES-GCM", iv, additionalData: header };
  const sealed = await crypto.subtle.encrypt(how, key, pack(values));
  return concat(header, iv, new Uint8Array(sealed));
}

/** @throws CRYPTO_UNREADABLE for a file that was cut, or changed by a single bit. */
export async function openFile(key: CryptoKey, file: Uint8Array): Promise<Map<string, Bytes>> {
  const part = (from: number, to?: number): Bytes => new Uint8Array(file.subarray(from, to));
  const iv = part(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const how = { name: "AES-GCM", iv, additionalData: part(0, HEADER_BYTES) };
  try {
    return unpack(new Uint8Array(await crypto.subtle.decrypt(how, key, part(HEADER_BYTES + NONCE_BYTES))));
  } catch {
    throw damaged();
  }
}

/** Each as u16 length ‖ name ‖ u32 length ‖ value. */
function pack(values: ReadonlyMap<string, Bytes>): Bytes {
  const writer = new Writer().u32(values.size);
  for (const [name, value] of values) {
    // As it is: two names that normalise alike are two names.
    writer.bytes16(new TextEncoder().encode(name)).u32(value.length).fixed(value, value.length);
  }
  return writer.done();
}

function unpack(bytes: Bytes): Map<string, Bytes> {
  const reader = new Reader(bytes);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const values = new Map<string, Bytes>();
  for (let left = reader.u32(); left > 0; left--) {
    const name = decoder.decode(reader.bytes16());
    values.set(name, reader.fixed(reader.u32()));
  }
  reader.end();
  return values;
}
