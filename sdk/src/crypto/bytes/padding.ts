import { type Bytes, equal } from "./bytes.ts";
import { openFailed } from "./failed.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** No padded payload is shorter, so that a yes, a reaction and a receipt look alike. */
const LEAST = 256;

/**
 * Padmé: the next length whose last bits are zeros, as many as keep the overhead under 12 %. Of a length only
 * O(log log) bits show.
 *
 * @param length 1 to 2^31 bytes.
 * @see Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019(4), §4.1
 */
export function padme(length: number): number {
  const exponent = 31 - Math.clz32(length);
  const unit = 2 ** (exponent - (32 - Math.clz32(exponent)));
  return Math.ceil(length / unit) * unit;
}

function padded(length: number): number {
  return Math.max(LEAST, padme(4 + length));
}

/** Four bytes of length, the payload, zeros up to the greater of 256 bytes and Padmé. */
export function pad(payload: Uint8Array): Bytes {
  const bytes = new Uint8Array(padded(payload.length));
  bytes.set(new Writer().u32(payload.length).done());
  bytes.set(payload, 4);
  return bytes;
}

/** @throws CRYPTO_OPEN_FAILED for what `pad` does not make, other fillers than zeros among it. */
export function unpad(bytes: Uint8Array): Bytes {
  const reader = new Reader(bytes);
  const length = reader.u32();
  const payload = reader.fixed(length);
  const filler = reader.rest();
  if (bytes.length !== padded(length) || !equal(filler, new Uint8Array(filler.length))) throw openFailed();
  return payload;
}
