import { findBucket } from "../buckets/read.ts";
import { limitOf } from "../objects/facts.ts";
import { requireRoom } from "./room.ts";
import type { UploadRow } from "./rows.ts";
import type { Session } from "./session.ts";

/** Whoever has the secret key may store what they like. */
export const isBound = ({ signed, call }: Session): boolean => signed || call.caller.role !== "service_role";

/** The most that a request may add: what its body may hold. */
function coming({ call: { req } }: Session): number {
  const length = req.headers["content-length"];
  if (req.headers["transfer-encoding"]) return Number.POSITIVE_INFINITY;
  return length === undefined ? 0 : Number(length);
}

/** Bytes that an upload takes from its beginning on: all of it, or where it has not said how much, what comes now. */
export async function takenAtFirst(session: Session, size: number | null): Promise<number> {
  if (size !== null || !session.target) return size ?? 0;
  return Math.min(coming(session), await limitFor(session, session.target));
}

/**
 * Takes room for a part of an upload whose length was not said before.
 * @throws StorageError SlowDown
 */
export async function takeRoom(session: Session, row: UploadRow): Promise<void> {
  const { services, operation } = session.call;
  const end = Math.max(0, Number(session.call.req.headers["upload-offset"]) || 0) + coming(session);
  const wanted = Math.min(end, row.size ?? (await limitFor(session, row)));
  if (wanted <= row.taken) return;
  await services.database.as(null, operation, async (tx) => {
    if (isBound(session)) await requireRoom(tx, services, row, wanted);
    await tx.rows(
      "update storage.s3_multipart_uploads set in_progress_size = greatest(in_progress_size, $2) where id = $1",
      [row.version, wanted],
    );
  });
}

async function limitFor(
  { call: { services } }: Session,
  target: { bucket: string; name: string },
): Promise<number> {
  return limitOf(await findBucket(services, target.bucket), services.sizeLimit, target.name);
}
