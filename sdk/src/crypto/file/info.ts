import { type Bytes, openFailed } from "../bytes/index.ts";
import {
  bytes16,
  decode,
  encode,
  from64,
  hash,
  id,
  only,
  struct,
  text16,
  u64,
  type Value,
} from "../codec.ts";

/**
 * No folder, no way out of one, nothing that a terminal or a header would act on, and nothing that turns the direction of
 * what follows: with that, a program reads as a picture.
 */
const isName = (name: string) => /^(?!\.\.?$)[^/\\\p{Cc}\u202a-\u202e\u2066-\u2069]+$/u.test(name);

const fileInfo = struct({
  /** 16 bytes. */
  id,
  /** Counts from 1. */
  version: from64(1),
  /** 32 bytes, fresh for this version. */
  key: hash,
  /** Of the content, in bytes. */
  size: u64,
  /** Of the ciphertext, 32 bytes, as `sealFile` gives it. */
  hash,
  /** 1 to 255 bytes of UTF-8, without slashes, control characters and turns of direction; neither `.` nor `..`. */
  name: only(text16(1, 255), isName),
  /** Media type, 0 to 127 letters of ASCII. */
  type: only(text16(0, 127), (type) => /^[ -~]*$/.test(type)),
  /** 0 to 16,384 bytes. */
  thumbnail: bytes16(0, 16_384),
});

/** What gives access to one version of a file. It stands sealed in a vault, a message or a link, never bare. */
export type FileInfo = Value<typeof fileInfo>;

/** @throws USAGE_INVALID for a field that is not as docs/protocol.md §5 says. */
export function encodeFileInfo(info: FileInfo): Bytes {
  return encode(fileInfo, info);
}

/**
 * @param options.seen The highest version of this file that the reader has met; a lower one is an old one, shown again.
 * @throws CRYPTO_OPEN_FAILED
 */
export function decodeFileInfo(bytes: Uint8Array, { seen = 1 }: { seen?: number } = {}): FileInfo {
  const info = decode(fileInfo, bytes);
  if (info.version < seen) throw openFailed();
  return info;
}
