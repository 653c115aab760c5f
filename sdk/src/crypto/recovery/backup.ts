import { pins } from "../approval/pins.ts";
import { type Bytes, concat, misuse, openFailed, opening } from "../bytes/index.ts";
import { openBytes, sealBytes, sealedLength } from "../chunked/index.ts";
import { ascending, decode, encode, hash, id, struct, u32, u64, type Value, versioned } from "../codec.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";

const head = versioned(
  struct({
    user: id,
    root: hash,
    /** Id of the recovery key whose code opens it. */
    keyId: id,
    /** One higher than the last backup's. */
    number: u64,
  }),
);
const HEAD_BYTES = 73;
/** Of a whole backup: some 280,000 epoch secrets. */
const MOST_BYTES = 16 * 1024 * 1024;

const place = struct({ room: id, epoch: u64 });
const secret = struct({ room: id, epoch: u64, secret: hash });
const content = struct({ pins, secrets: ascending(u32, secret, (one) => encode(place, one)) });

export type BackupHead = Value<typeof head>;
/** What somebody who lost every device gets back: whom and what they knew, and the keys of what they could read. */
export type BackupContent = Value<typeof content>;

/**
 * @param key As `backupKey` gives it, 32 bytes.
 * @throws USAGE_INVALID beyond 16 MiB.
 */
export async function sealBackup(
  suite: Suite,
  key: Uint8Array,
  about: BackupHead,
  { pins, secrets }: BackupContent,
): Promise<Bytes> {
  const header = encode(head, about);
  const plain = encode(content, { pins, secrets });
  const length = HEAD_BYTES + sealedLength(plain.length);
  if (length > MOST_BYTES) throw misuse("a backup", `${length} bytes`, `at most ${MOST_BYTES}`);
  return concat(header, await sealBytes(suite, await suite.hmacKey(key), tagged(TAGS.backup, header), plain));
}

/**
 * The server can give an older backup, and says so by its number; it cannot make one.
 *
 * @throws CRYPTO_OPEN_FAILED
 */
export function openBackup(
  suite: Suite,
  key: Uint8Array,
  bytes: Uint8Array,
): Promise<BackupHead & BackupContent> {
  return opening(async () => {
    if (bytes.length > MOST_BYTES) throw openFailed();
    const header = bytes.subarray(0, HEAD_BYTES);
    const context = tagged(TAGS.backup, header);
    const plain = await openBytes(suite, await suite.hmacKey(key), context, bytes.subarray(HEAD_BYTES));
    return { ...decode(head, header), ...decode(content, plain) };
  });
}
