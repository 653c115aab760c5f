import type { BegunUpload } from "@trackit/sdk";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { useClient } from "../app/client.tsx";
import { heed } from "../app/ended.ts";
import { fittingName } from "../ui/names.ts";
import { tellSending } from "./sendingElsewhere.ts";
import { type Sends, type Start, UploadQueue } from "./uploadQueue.ts";

export interface Uploads extends Sends {
  pause(id: string): void;
  resume(id: string): void;
  cancel(id: string): void;
  send(files: readonly File[], folderId: string | null): void;
  /** Goes on with one that was begun before this page. */
  goOn(begun: BegunUpload, file: File): void;
  /** Sends a new version of a file. */
  sendVersion(fileId: string, file: File): void;
}

const Context = createContext<UploadQueue | null>(null);

/** Keeps what is sent going, whichever page is open. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const [queue] = useState(() => new UploadQueue(heed));
  useEffect(() => () => queue.stop(), [queue]);
  useEffect(() => {
    // What waits is lost with the page, and what is under way wants its file chosen again.
    const leaving = (event: BeforeUnloadEvent) => {
      if (queue.sends.sending.some(({ state }) => state !== "failed")) event.preventDefault();
    };
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, [queue]);
  return <Context value={queue}>{children}</Context>;
}

/** What is being sent, and what can be done with it. */
export function useUploads(): Uploads {
  const queue = useQueue();
  const { files } = useClient();
  const sends = useSyncExternalStore(queue.subscribe, () => queue.sends);
  return useMemo(() => {
    const add = (fileId: string, name: string, start: Start): void =>
      queue.add(name, (onProgress) => {
        const upload = start(onProgress);
        tellSending(fileId, upload);
        return upload;
      });
    return {
      ...sends,
      pause: (id) => queue.pause(id),
      resume: (id) => queue.resume(id),
      cancel: (id) => queue.cancel(id),
      send: (all, folderId) => {
        for (const file of all) {
          // With one id, another try goes on where the one before has stopped.
          const id = crypto.randomUUID();
          const name = fittingName(file.name);
          add(id, name, (onProgress) => files.upload(file, { id, name, folderId, onProgress }));
        }
      },
      goOn: ({ uploadId, fileId }, file) =>
        add(fileId, file.name, (onProgress) => files.resume(uploadId, file, { onProgress })),
      sendVersion: (fileId, file) =>
        // It keeps the name that it was given here.
        add(fileId, file.name, (onProgress) => files.uploadVersion(fileId, file, { onProgress })),
    };
  }, [sends, queue, files]);
}

/** Calls back whenever a file has arrived. */
export function useSent(call: () => void): void {
  const queue = useQueue();
  useEffect(() => queue.onSent(call), [queue, call]);
}

function useQueue(): UploadQueue {
  const queue = useContext(Context);
  if (!queue) throw new Error("useUploads outside UploadsProvider: wrap the page in it");
  return queue;
}
