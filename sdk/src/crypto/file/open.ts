import { type Bytes, equal, openFailed } from "../bytes/index.ts";
import { createOpener, sealedLength } from "../chunked/index.ts";
import { openRange, openStream, type Source, type StreamOptions } from "../chunked/streams.ts";
import type { Suite } from "../suite/index.ts";
import { createFileHash } from "./hash.ts";
import type { FileInfo } from "./info.ts";
import { fileContext } from "./seal.ts";

/**
 * Opens a whole file. What it gives is authentic piece by piece; only its end says that nothing is missing and that
 * these are the bytes which were told of. Throw away what was kept of a file that throws.
 *
 * @throws CRYPTO_OPEN_FAILED; what the source throws, as it is.
 */
export async function* openFile(
  suite: Suite,
  info: FileInfo,
  source: Source,
  options: StreamOptions = {},
): AsyncGenerator<Bytes, void> {
  const hash = createFileHash(suite);
  const onCiphertext = (bytes: Uint8Array) => hash.push(bytes);
  const key = await suite.hmacKey(info.key);
  yield* openStream(suite, key, fileContext(info), source, { ...options, size: info.size, onCiphertext });
  if (!equal(await hash.done(), info.hash)) throw openFailed();
}

export interface FileRange extends StreamOptions {
  /** First byte of the content. */
  from: number;
  /** The byte behind the last. */
  to: number;
  /** How long the ciphertext is, as the server tells it. */
  length: number;
  /** The first 56 bytes of the ciphertext. */
  header: Uint8Array;
  /** The ciphertext from `spanOf(info.size, from, to).start` on. */
  source: Source;
}

/** Opens a part of a file. @throws CRYPTO_OPEN_FAILED, also where `length` is not what was sealed. */
export async function* openFileRange(
  suite: Suite,
  info: FileInfo,
  { length, header, source, ...range }: FileRange,
): AsyncGenerator<Bytes, void> {
  if (length !== sealedLength(info.size)) throw openFailed();
  const opener = await createOpener(suite, await suite.hmacKey(info.key), fileContext(info), header);
  yield* openRange(opener, source, { ...range, size: info.size });
}
