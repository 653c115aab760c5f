import { TrackItError } from "../../errors.ts";
import type { Door } from "../door.ts";

/** What an upload by TUS 1.0 (https://tus.io/protocols/resumable-upload) is about. */
export interface Target {
  bucket: string;
  path: string;
  total: number;
  /** Media type for the server; nothing of an encrypted file's. */
  type: string;
}

const ROOT = "upload/resumable";
const TUS = { "tus-resumable": "1.0.0" };

/** Begins one. @returns its place below Storage */
export async function begin(
  door: Door,
  target: Target,
  action: string,
  signal: AbortSignal,
): Promise<string> {
  const metadata = { bucketName: target.bucket, objectName: target.path, contentType: target.type };
  const pairs = Object.entries(metadata).map(([name, value]) => `${name} ${btoa(value)}`);
  const headers = {
    ...TUS,
    "upload-length": String(target.total),
    "upload-metadata": pairs.join(","),
    "x-upsert": "false",
  };
  const root = door.url(ROOT);
  const answer = await door.send(root, { method: "POST", headers, body: null, signal }, action);
  const location = answer.header("location") ?? "";
  // Only its last part counts: the token goes with every part of the file, and to nobody but the project, whose
  // address may be another one tomorrow, and which a proxy may have named otherwise.
  const id = /\/upload\/resumable\/([^/]+)$/.exec(new URL(location, root).pathname)?.[1];
  if (id) return `${ROOT}/${id}`;
  throw new TrackItError(
    "NETWORK_SERVER",
    `${action}: the server began an upload at no address, "${location}"`,
  );
}

/** How many bytes the server has; null where it knows nothing of it any more. */
export async function offsetOf(
  door: Door,
  url: string,
  action: string,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const answer = await door.send(
      door.url(url),
      { method: "HEAD", headers: TUS, body: null, signal },
      action,
    );
    return offsetIn(answer, action);
  } catch (error) {
    if (error instanceof TrackItError && error.code === "ACCESS_NOT_FOUND") return null;
    throw error;
  }
}

/** Sends bytes from an offset on. @returns how many the server has then */
export async function append(
  door: Door,
  url: string,
  part: { offset: number; bytes: Uint8Array<ArrayBuffer>; onBytes(sent: number): void },
  action: string,
  signal: AbortSignal,
): Promise<number> {
  const headers = {
    ...TUS,
    "upload-offset": String(part.offset),
    "content-type": "application/offset+octet-stream",
  };
  const sending = { method: "PATCH" as const, headers, body: part.bytes, signal, onBytes: part.onBytes };
  return offsetIn(await door.send(door.url(url), sending, action), action);
}

function offsetIn(answer: { header(name: string): string | null }, action: string): number {
  const offset = Number(answer.header("upload-offset") ?? Number.NaN);
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new TrackItError("NETWORK_SERVER", `${action}: the server did not say how much it has`);
}
