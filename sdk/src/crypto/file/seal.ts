import { type Bytes, Writer } from "../bytes/index.ts";
import { createSealer, SALT } from "../chunked/index.ts";
import { type Source, type StreamOptions, sealChunks } from "../chunked/streams.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { createFileHash } from "./hash.ts";
import type { FileInfo } from "./info.ts";

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

/**
 * Seals a version of a file in little memory. The same source under the same draft makes the same bytes, so that an
 * upload goes on after a restart; whoever sends again what was begun first makes sure that it is the same, or two
 * contents under one key and nonce would be open to anyone who has both.
 *
 * @returns Size of the content and hash of the whole ciphertext, for the `FileInfo`.
 */
export async function* sealFile(
  suite: Suite,
  draft: FileDraft,
  source: Source,
  { signal, onProgress }: StreamOptions = {},
): AsyncGenerator<Bytes, Pick<FileInfo, "size" | "hash">> {
  const sealer = await createSealer(suite, await suite.hmacKey(draft.key), fileContext(draft), draft.salt);
  const hash = createFileHash(suite);
  await hash.push(sealer.header);
  yield sealer.header;
  let size = 0;
  const count = (through: number): void => {
    size = through;
    onProgress?.(through);
  };
  for await (const sealed of sealChunks(sealer, source, { signal, onProgress: count })) {
    await hash.push(sealed);
    yield sealed;
  }
  return { size, hash: await hash.done() };
}
