import { TrackItError } from "../../errors.ts";
import { type Bytes, equal, misuse, Writer } from "../bytes/index.ts";
import {
  CHUNK,
  createSealer,
  HEADER,
  SALT,
  type Source,
  type StreamOptions,
  sealChunks,
  TAG,
} from "../chunked/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { createFileHash } from "./hash.ts";
import type { FileInfo } from "./info.ts";

/** Of SHA-256. */
const HASH = 32;

/** What a device keeps, sealed, until a version of a file is at the server. */
export interface FileDraft extends Pick<FileInfo, "id" | "version" | "key"> {
  /** 24 bytes. */
  salt: Bytes;
}

/** What a version is bound to: another file's bytes, or an older version's, do not open as this one's. */
export function fileContext({ id, version }: Pick<FileInfo, "id" | "version">): Bytes {
  return tagged(TAGS.file, new Writer().fixed(id, 16).u64(version).done());
}

/** A fresh key and a fresh salt: every version has its own, as does one whose source changed on the way. */
export function draftFile(suite: Suite, id: Bytes, version: number): FileDraft {
  return { id, version, key: suite.random(32), salt: suite.random(SALT) };
}

export interface SealFileOptions extends StreamOptions {
  /** Bytes of ciphertext that are at the server already; what is given begins behind them. */
  from?: number | undefined;
  /** The hashes that `remember` was given before, one after the other, 32 bytes each. */
  known?: Uint8Array | undefined;
  /** Keeps the SHA-256 of a chunk of the source; the chunk is given out after that. Called in order. */
  remember?: ((hash: Bytes) => Promise<void> | void) | undefined;
}

/**
 * Seals a version of a file in little memory, also from the middle on. The source is always read from its beginning:
 * a chunk that is sealed twice under one key and number must be the same, or both would be open to anyone who has
 * both.
 *
 * @returns Size of the content and hash of the whole ciphertext, for the `FileInfo`.
 * @throws USAGE_INVALID where hashes of chunks before `from` are missing: nothing could tell a changed source.
 * @throws FILE_CHANGED where a chunk is not what it was before a restart; begin again with a new draft.
 */
export async function* sealFile(
  suite: Suite,
  draft: FileDraft,
  source: Source,
  { from = 0, known = new Uint8Array(), remember, signal, onProgress }: SealFileOptions = {},
): AsyncGenerator<Bytes, Pick<FileInfo, "size" | "hash">> {
  const begun = Math.max(0, Math.ceil((from - HEADER) / (CHUNK + TAG)));
  if (known.length < begun * HASH) {
    throw misuse("known", `${known.length} bytes`, `a hash for each of the ${begun} chunks that were begun`);
  }
  const sealer = await createSealer(suite, await suite.hmacKey(draft.key), fileContext(draft), draft.salt);
  const hash = createFileHash(suite);
  const fresh = new Map<number, Bytes>();
  const before = async (number: number, plain: Bytes): Promise<void> => {
    const digest = await suite.sha256(plain);
    const old = known.subarray(number * HASH, (number + 1) * HASH);
    if (old.length === 0) fresh.set(number, digest);
    else if (!equal(old, digest)) throw changed(number);
  };
  let [at, number, size] = [0, 0, 0];
  /** Takes note of some ciphertext and gives back what of it the server has not. */
  const missing = async (bytes: Bytes): Promise<Bytes> => {
    await hash.push(bytes);
    at += bytes.length;
    return bytes.subarray(bytes.length - Math.min(bytes.length, Math.max(0, at - from)));
  };
  const header = await missing(sealer.header);
  if (header.length > 0) yield header;
  const watched = remember || known.length > 0 ? before : undefined;
  for await (const sealed of sealChunks(sealer, source, { signal, before: watched })) {
    const digest = fresh.get(number);
    if (digest) await remember?.(digest);
    fresh.delete(number++);
    size += sealed.length - TAG;
    const bytes = await missing(sealed);
    if (bytes.length > 0) yield bytes;
    onProgress?.(size);
  }
  return { size, hash: await hash.done() };
}

function changed(number: number): TrackItError<"FILE_CHANGED"> {
  const message = `file: its source has changed since it was begun, at chunk ${number}`;
  return new TrackItError("FILE_CHANGED", message, { hint: "Send it from the beginning" });
}
