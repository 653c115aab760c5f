import { isTrackItError, type Room, type SendFilesOptions } from "@trackit/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { describeFailure } from "../../i18n/failure.ts";
import { useChatWords } from "./words.ts";

/** So many files go in one message. */
const MOST = 10;

export interface Attaching {
  /** Chosen, and not sent yet. */
  files: readonly File[];
  /** How far they are on their way; null while they are not. */
  sending: { file: number; share: number } | null;
  problem: string | null;
  add(files: readonly File[]): void;
  remove(file: File): void;
  /** Sends what was chosen. @returns whether it has arrived */
  send(options: Pick<SendFilesOptions, "caption" | "replyTo">): Promise<boolean>;
  cancel(): void;
}

/** Files that wait in the composer. What was not sent stays there, for another try. */
export function useAttaching(room: Room): Attaching {
  const { files: source } = useClient();
  const { c, t } = useChatWords();
  const [files, setFiles] = useState<readonly File[]>([]);
  const [sending, setSending] = useState<Attaching["sending"]>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const add = useCallback(
    (more: readonly File[]) => {
      setFiles((now) => [...now, ...more].slice(0, MOST));
      setProblem(files.length + more.length > MOST ? c.tooMany : null);
    },
    [c, files.length],
  );
  const remove = useCallback((gone: File) => {
    setFiles((now) => now.filter((file) => file !== gone));
    setProblem(null);
  }, []);
  const send: Attaching["send"] = async (options) => {
    const over = new AbortController();
    stop.current = over;
    setProblem(null);
    setSending({ file: 0, share: 0 });
    try {
      const onProgress: SendFilesOptions["onProgress"] = ({ done, file, total }) =>
        setSending({ file, share: total === 0 ? 1 : done / total });
      await source.send(room.id, files, { ...options, onProgress, signal: over.signal });
      setFiles([]);
      return true;
    } catch (error) {
      heed(error);
      // A message that is held stands in the conversation, and says so there.
      const isThere = isTrackItError(error, "CONFLICT_AUDIENCE");
      if (isThere) setFiles([]);
      else if (!over.signal.aborted) setProblem(describeFailure(error, t).text);
      return isThere;
    } finally {
      if (!over.signal.aborted || stop.current === over) setSending(null);
    }
  };
  return { files, sending, problem, add, remove, send, cancel: () => stop.current?.abort() };
}
