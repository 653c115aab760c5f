import type { CallOptions } from "../../types.ts";
import type { Desk } from "../desk.ts";
import type { BegunUpload } from "../types.ts";
import type { Reserved } from "../wire.ts";
import { begunIds, forgetBegun, readBegun } from "./begun.ts";

/** What the server holds space for, with what this device knows of it. */
export async function listBegun(desk: Desk, { signal }: CallOptions): Promise<BegunUpload[]> {
  const action = "files.uploads";
  const { keystore } = await desk.keys.station(action);
  const kept = await begunIds(keystore);
  const open = await desk.ask<Reserved[]>("my_uploads", {}, action, signal);
  // What is whole or has expired needs its key here no more. One that begins meanwhile was not among the kept.
  for (const id of kept) if (!open.some(({ upload }) => upload.id === id)) await forgetBegun(keystore, id);
  return Promise.all(
    open.map(async ({ file, upload }) => {
      const begun = await readBegun(keystore, upload.id);
      return {
        uploadId: upload.id,
        fileId: file.id,
        name: begun?.name ?? file.name,
        type: begun?.type ?? file.media_type ?? "",
        size: begun?.size ?? (file.encrypted ? null : upload.size),
        storedSize: upload.size,
        resumable: begun !== null,
        restores: begun?.restores ?? null,
        startedAt: upload.created_at,
        expiresAt: upload.expires_at,
      };
    }),
  );
}
