import { type DownloadOptions, isTrackItError, type StoredFile, type TrackIt } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { heed } from "../../app/ended.ts";
import { describeFailure } from "../../i18n/failure.ts";
import { fileOnDisk } from "../../ui/onDisk.ts";
import { saveAs } from "../../ui/saveAs.ts";
import { useFilesWords } from "./words.ts";

/** Beyond that a file goes by the disk, and not by memory. */
const IN_MEMORY = 32 * 1_048_576;

/** A file's content, from wherever it is read. */
export interface Source {
  name: string;
  type: string;
  size: number;
  download(options: DownloadOptions): Promise<Blob>;
  save(target: WritableStream<Uint8Array<ArrayBuffer>>, options: DownloadOptions): Promise<unknown>;
}

/** A file of one's own, or one that is shared with this account; an older version by its number. */
export function sourceOf({ files }: TrackIt, file: StoredFile, version?: number): Source {
  const of = version === undefined ? {} : { version };
  return {
    name: file.name ?? file.id,
    type: file.type,
    size: file.size ?? file.storedSize,
    download: (options) => files.download(file, { ...options, ...of }),
    save: (target, options) => files.save(file, target, { ...options, ...of }),
  };
}

export interface Saving {
  /** From 0 to 1 while it comes; null else. */
  share: number | null;
  problem: string | null;
  /** It was handed to the browser. */
  done: boolean;
  save(source: Source): Promise<void>;
  cancel(): void;
}

/**
 * Brings a file onto the device, with how far it is. What does not come whole is not kept.
 * @param gone what is said where it is not there any more
 */
export function useSaving(gone?: string): Saving {
  const { f, t } = useFilesWords();
  const [state, setState] = useState<Pick<Saving, "share" | "problem" | "done">>(idle);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const save = async (source: Source) => {
    stop.current?.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    const tell = (next: Partial<typeof state>) => signal.aborted || setState({ ...idle, ...next });
    tell({ share: 0 });
    try {
      const onProgress = ({ done, total }: { done: number; total: number }) =>
        tell({ share: total === 0 ? 1 : done / total });
      saveAs(await contentOf(source, { onProgress, signal }), source.name);
      tell({ done: true });
    } catch (error) {
      heed(error);
      tell({ problem: whyNot(error) ?? describeFailure(error, t).text });
    }
  };
  const whyNot = (error: unknown): string | null => {
    if (isTrackItError(error, "CRYPTO_OPEN_FAILED")) return f.changed;
    return isTrackItError(error, "ACCESS_NOT_FOUND") ? (gone ?? f.gone) : null;
  };
  const cancel = () => {
    stop.current?.abort();
    setState(idle);
  };
  return { ...state, save, cancel };
}

const idle = { share: null, problem: null, done: false };

async function contentOf(source: Source, options: DownloadOptions): Promise<Blob> {
  const { name, type, size } = source;
  const stored =
    size > IN_MEMORY ? await fileOnDisk(size, name, type, (target) => source.save(target, options)) : null;
  return stored ?? source.download(options);
}
