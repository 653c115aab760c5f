import { throwIfAborted } from "../../failure/network.ts";
import type { Keystore } from "../../store/keys/types.ts";
import type { Desk } from "../desk.ts";
import type { StoredFile, TransferOptions, Upload } from "../types.ts";
import { forgetBegun } from "./begun.ts";
import { Hold } from "./hold.ts";

/** What is under way with one upload. */
export interface Run {
  desk: Desk;
  keystore: Keystore;
  /** What is given back where it is ended. */
  uploadId: string;
  hold: Hold;
  signal: AbortSignal;
  onProgress: NonNullable<TransferOptions["onProgress"]>;
  action: string;
}

/** The promise of a file, with what can be done while it is being sent. */
export function asUpload(
  desk: Desk,
  id: string,
  uploadId: string,
  { signal, onProgress = () => {} }: TransferOptions,
  action: string,
  work: (run: Run) => Promise<StoredFile>,
): Upload {
  const over = new AbortController();
  const hold = new Hold();
  const abort = (): void => over.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const begin = async (): Promise<StoredFile> => {
    const { keystore } = await desk.keys.station(action);
    const run: Run = { desk, keystore, uploadId, hold, signal: over.signal, onProgress, action };
    try {
      throwIfAborted(over.signal, action);
      return await work(run);
    } catch (error) {
      // Whoever ends it wants its space back; where the network is away, it is freed by time.
      if (over.signal.aborted) await cancelUpload(desk, run.uploadId, action).catch(() => {});
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  };
  const made = begin();
  return Object.assign(made, {
    id,
    pause: () => hold.close(),
    resume: () => hold.open(),
    cancel: async () => {
      over.abort();
      await made.catch(() => {});
    },
  });
}

/** Frees what was taken, here and at the server. */
export async function cancelUpload(
  desk: Desk,
  uploadId: string,
  action: string,
  signal?: AbortSignal,
): Promise<void> {
  const { keystore } = await desk.keys.station(action);
  await desk.ask("cancel_upload", { upload: uploadId }, action, signal);
  await forgetBegun(keystore, uploadId);
}
