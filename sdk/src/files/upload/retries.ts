import type { Desk } from "../desk.ts";
import type { FileSource, UploadOptions } from "../types.ts";

/** The upload of a call that has failed: the same call once more goes on with it, in the space that it has taken. */
export interface Retry {
  /** The failed upload's id, for one call to go on with; null where there is none. */
  take(): string | null;
  keep(uploadId: string): void;
}

type Said = Pick<UploadOptions, "name" | "type" | "thumbnail">;

/** By the source, which is let go with it; each with the files that it was for. */
const sources = new WeakMap<FileSource, { desk: Desk; fileId: string; said: Said; uploadId: string }[]>();
const restores = new WeakMap<Desk, Map<string, string>>();
/** Of these, what has not ended since, by `resume` or `cancel`: what has is not what a later call means. */
const failing = new Set<string>();

const orNull = (uploadId: string | undefined): string | null =>
  uploadId !== undefined && failing.delete(uploadId) ? uploadId : null;

/** An upload has ended, well or not. */
export function endRetry(uploadId: string): void {
  failing.delete(uploadId);
}

/** Of a version that somebody gives: the same is the same source object, under the same name. */
export function retryOf(desk: Desk, fileId: string, source: FileSource, options: Said): Retry {
  const { name, type, thumbnail } = options;
  const isSame = (one: { desk: Desk; fileId: string; said: Said }): boolean =>
    one.desk === desk &&
    one.fileId === fileId &&
    one.said.name === name &&
    one.said.type === type &&
    one.said.thumbnail === thumbnail;
  return {
    take: () => {
      const failed = sources.get(source) ?? [];
      const at = failed.findIndex(isSame);
      return orNull(failed.splice(at, at < 0 ? 0 : 1)[0]?.uploadId);
    },
    keep: (uploadId) => {
      const failed = sources.get(source) ?? [];
      failed.push({ desk, fileId, said: { name, type, thumbnail }, uploadId });
      sources.set(source, failed);
      failing.add(uploadId);
    },
  };
}

/** Of an older version that is made the newest again, where its upload has failed before this device had noted it. */
export function retryOfRestore(desk: Desk, fileId: string, number: number): Retry {
  const failed = restores.get(desk) ?? new Map<string, string>();
  restores.set(desk, failed);
  const key = `${fileId}/${number}`;
  return {
    take: () => {
      const uploadId = failed.get(key);
      failed.delete(key);
      return orNull(uploadId);
    },
    keep: (uploadId) => {
      failed.set(key, uploadId);
      failing.add(uploadId);
    },
  };
}
