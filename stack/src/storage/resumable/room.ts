import type { Transaction } from "../database/database.ts";
import { tooMuchUnderWay } from "../errors.ts";
import type { Services } from "../services.ts";

/**
 * What lies on the disk of uploads that nobody has ended stands in no quota, and an upload may be begun as often as its
 * object may be stored: so many at a time, and so many bytes, of one user; of all without an account together.
 */
const mostUploads = 1000;
const leastRoom = 2 * 1024 ** 3;
const largestObjects = 4;

/** Bytes: four of the largest objects, and 2 GiB at least, for many small ones at once. */
export const roomOf = ({ sizeLimit }: Pick<Services, "sizeLimit">): number =>
  Math.max(largestObjects * sizeLimit, leastRoom);

/**
 * Makes sure, to the end of the transaction, that an upload may take so much.
 * @throws StorageError SlowDown
 */
export async function requireRoom(
  tx: Transaction,
  services: Services,
  { version, owner }: { version: string; owner: string | null },
  bytes: number,
): Promise<void> {
  await tx.rows("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`uploads of ${owner}`]);
  const [others] = await tx.rows<{ uploads: number; bytes: number }>(
    `select count(*)::integer as uploads, coalesce(sum(in_progress_size), 0)::float8 as bytes
     from storage.s3_multipart_uploads where owner_id is not distinct from $1 and id <> $2`,
    [owner, version],
  );
  if (!others || others.uploads >= mostUploads || others.bytes + bytes > roomOf(services))
    throw tooMuchUnderWay();
}
