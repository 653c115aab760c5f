import type { Caller } from "../../part.ts";
import { service } from "../database/database.ts";
import { invalidSignature, noSuchUpload } from "../errors.ts";
import { type Call, ownerOf } from "../http/call.ts";
import type { UploadTarget } from "./store.ts";

/** One request of the protocol. */
export interface Session {
  call: Call;
  /** The URL says that a signed upload token comes along. */
  signed: boolean;
  /** Known once the request has said it, or the upload has been looked up. */
  target: UploadTarget | null;
}

/** With whose rights the session writes. */
export const writerOf = ({ call, signed }: Session): Caller => (signed ? service : call.caller);

/**
 * What a signed upload token grants: read again at each request, since it may have expired.
 * @throws StorageError InvalidSignature, InvalidJWT
 */
export async function readGrant({ call }: Session, bucket: string, name: string) {
  const token = call.req.headers["x-signature"];
  if (typeof token !== "string") throw invalidSignature("Missing x-signature header");
  const { claims } = await call.services.signer.verify("upload", `${bucket}/${name}`, token);
  return { owner: typeof claims.owner === "string" ? claims.owner : null, upsert: claims.upsert === true };
}

/**
 * An upload belongs to whoever began it; to others it is not there.
 * @throws StorageError NoSuchUpload, InvalidSignature, InvalidJWT
 */
export async function checkOwner(
  session: Session,
  target: Pick<UploadTarget, "bucket" | "name" | "owner">,
): Promise<void> {
  const { call, signed } = session;
  const owner = signed ? (await readGrant(session, target.bucket, target.name)).owner : ownerOf(call.caller);
  if (owner !== target.owner && (signed || call.caller.role !== "service_role")) throw noSuchUpload();
}
