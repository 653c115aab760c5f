import { isTrackItError, type Upload } from "@trackit/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { describeFailure } from "../../i18n/failure.ts";
import { useWords } from "../../i18n/language.tsx";

/** A file on its way, as it is shown. */
export interface Sending {
  id: string;
  name: string;
  /** From 0 to 1. */
  share: number;
  state: "sending" | "paused" | "failed";
  problem: string | null;
  pause(): void;
  resume(): void;
  cancel(): void;
}

export interface Uploads {
  sending: readonly Sending[];
  /** Sends files one after the other. */
  send(files: readonly File[], folderId: string | null): void;
  /** Goes on with one that was begun before this page. */
  resume(uploadId: string, file: File): void;
  /** Sends a new version. */
  sendVersion(fileId: string, file: File): void;
}

type Start = (onProgress: (progress: { done: number; total: number }) => void) => Upload;

/** What this page sends; a page that is left pauses nothing, one that is closed can go on later. */
export function useUploads(onSent: () => void): Uploads {
  const { files } = useClient();
  const { t } = useWords();
  const [sending, setSending] = useState<readonly Sending[]>([]);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const sent = useRef(onSent);
  useEffect(() => {
    sent.current = onSent;
  }, [onSent]);

  const change = useCallback((id: string, part: Partial<Sending>) => {
    setSending((all) => all.map((one) => (one.id === id ? { ...one, ...part } : one)));
  }, []);
  const drop = useCallback((id: string) => setSending((all) => all.filter((one) => one.id !== id)), []);

  const run = useCallback(
    (name: string, start: Start) => {
      const id = crypto.randomUUID();
      let upload: Upload | null = null;
      let over = false;
      const one: Sending = {
        ...{ id, name, share: 0, state: "sending", problem: null },
        pause: () => {
          upload?.pause();
          change(id, { state: "paused" });
        },
        resume: () => {
          upload?.resume();
          change(id, { state: "sending" });
        },
        cancel: () => {
          over = true;
          void upload?.cancel();
          drop(id);
        },
      };
      setSending((all) => [...all, one]);
      const go = async (): Promise<void> => {
        if (over) return;
        upload = start(({ done, total }) => change(id, { share: total === 0 ? 1 : done / total }));
        try {
          await upload;
          drop(id);
          sent.current();
        } catch (error) {
          if (over || isTrackItError(error, "NETWORK_ABORTED")) return drop(id);
          heed(error);
          change(id, { state: "failed", problem: describeFailure(error, t).text });
        }
      };
      queue.current = queue.current.then(go);
    },
    [change, drop, t],
  );

  return {
    sending,
    send: (all, folderId) => {
      for (const file of all) run(file.name, (onProgress) => files.upload(file, { folderId, onProgress }));
    },
    resume: (uploadId, file) => run(file.name, (onProgress) => files.resume(uploadId, file, { onProgress })),
    sendVersion: (fileId, file) =>
      run(file.name, (onProgress) => files.uploadVersion(fileId, file, { name: file.name, onProgress })),
  };
}
