import { fromBase64url, toBase64url } from "../../crypto/bytes/index.ts";
import type { FileDraft } from "../../crypto/file/index.ts";
import type { Keystore } from "../../store/keys/types.ts";
import { endRetry } from "./retries.ts";
import type { Trail } from "./send.ts";

/** An upload under way, as this device keeps it: with it the same source can go on after a restart. */
export interface Begun extends Trail {
  uploadId: string;
  fileId: string;
  number: number;
  name: string;
  /** Whether whoever sends it has said so; if not, a later version goes by the name that the file has in the end. */
  isNamed: boolean;
  type: string;
  /** Of the content. */
  size: number;
  /** base64url; empty for none. */
  thumbnail: string;
  /** The older version whose content it is, which is read from the server; null for what somebody has given. */
  restores: number | null;
  /** base64url; null for a file that is not sealed. */
  key: string | null;
  salt: string | null;
}

const PREFIX = "upload/";

export async function keepBegun(keystore: Keystore, begun: Begun): Promise<void> {
  const value = new TextEncoder().encode(JSON.stringify(begun));
  await keystore.batch([{ record: PREFIX + begun.uploadId, value }]);
}

export async function forgetBegun(keystore: Keystore, uploadId: string): Promise<void> {
  endRetry(uploadId);
  await keystore.batch([{ record: PREFIX + uploadId, value: null }]);
}

export async function readBegun(keystore: Keystore, uploadId: string): Promise<Begun | null> {
  const value = await keystore.get(PREFIX + uploadId);
  return value ? JSON.parse(new TextDecoder().decode(value)) : null;
}

/** The upload by which a version of a file is being made the newest again. */
export async function findRestoring(
  keystore: Keystore,
  fileId: string,
  number: number,
): Promise<string | null> {
  for (const id of await begunIds(keystore)) {
    const begun = await readBegun(keystore, id);
    if (begun?.fileId === fileId && begun.restores === number) return id;
  }
  return null;
}

/** Of all that this device has kept. */
export async function begunIds(keystore: Keystore): Promise<string[]> {
  return (await keystore.list(PREFIX)).map(([name]) => name.slice(PREFIX.length));
}

export function draftIn({ key, salt, number }: Begun, id: Uint8Array<ArrayBuffer>): FileDraft | null {
  return key && salt ? { id, version: number, key: fromBase64url(key), salt: fromBase64url(salt) } : null;
}

export const draftOut = (draft: FileDraft | null): Pick<Begun, "key" | "salt"> => ({
  key: draft && toBase64url(draft.key),
  salt: draft && toBase64url(draft.salt),
});
