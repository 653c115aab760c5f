import { toHex } from "../../crypto/bytes/index.ts";
import { sealedLength } from "../../crypto/chunked/index.ts";
import { encode } from "../../crypto/codec.ts";
import { type BackupContent, pins as pinsField } from "../../crypto/devices.ts";
import { TrackItError } from "../../errors.ts";

/** Bytes of a whole backup, docs/protocol.md §8.4; read at use, so that a test can have a smaller one. */
export const limit = { bytes: 16 * 1024 * 1024 };

/** What stands before the sealed part. */
const HEAD_BYTES = 73;
const COUNT_BYTES = 4;
/** Room, epoch, secret. */
const SECRET_BYTES = 56;

/**
 * What a backup has place for: everything, or of each room the newest epochs.
 *
 * @returns how many secrets are left out as well.
 * @throws LIMIT_SIZE where not even the pins have place.
 */
export function fitting(
  { pins, secrets }: BackupContent,
  action: string,
): { content: BackupContent; omitted: number } {
  const fixed = encode(pinsField, pins).length + COUNT_BYTES;
  const size = (count: number): number => HEAD_BYTES + sealedLength(fixed + count * SECRET_BYTES);
  if (size(secrets.length) <= limit.bytes) return { content: { pins, secrets }, omitted: 0 };
  if (size(0) > limit.bytes)
    throw new TrackItError(
      "LIMIT_SIZE",
      `${action}: what is pinned of rooms and people has ${size(0)} bytes, wanted at most ${limit.bytes}`,
    );
  let most = 0;
  for (let step = 2 ** 20; step >= 1; step /= 2) if (size(most + step) <= limit.bytes) most += step;
  const kept = new Set(byAge(secrets).slice(0, most));
  return {
    content: { pins, secrets: secrets.filter((one) => kept.has(one)) },
    omitted: secrets.length - most,
  };
}

/** The last epoch of every room, then the one before it of every room, and so on. */
function byAge(secrets: BackupContent["secrets"]): BackupContent["secrets"] {
  const seen = new Map<string, number>();
  const aged = [...secrets]
    .sort((one, other) => other.epoch - one.epoch)
    .map((one) => {
      const age = seen.get(toHex(one.room)) ?? 0;
      seen.set(toHex(one.room), age + 1);
      return { one, age };
    });
  return aged.sort((first, second) => first.age - second.age).map(({ one }) => one);
}
