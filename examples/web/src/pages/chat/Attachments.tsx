import { type Attachment, isTrackItError } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { describeFailure } from "../../i18n/failure.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Progress } from "../../ui/States.tsx";
import { saveAs } from "../../ui/saveAs.ts";
import { usePicture } from "../files/FileList.tsx";
import { useFilesWords } from "../files/words.ts";
import { useChatWords } from "./words.ts";

/** The files of a message: what its sender calls them, to be opened by whoever is in the conversation. */
export function Attachments({ files }: { files: readonly Attachment[] }) {
  return (
    <ul className="attachments">
      {files.map((file) => (
        <AttachmentLine key={file.fileId} file={file} />
      ))}
    </ul>
  );
}

function AttachmentLine({ file }: { file: Attachment }) {
  const { c, format } = useChatWords();
  const { bytes } = useFilesWords();
  const { busy, problem, save, share } = useDownload(file);
  const picture = usePicture(file.thumbnail);
  return (
    <li>
      {picture && <img className="attachment-picture" src={picture} alt="" />}
      <div className="attachment">
        {!picture && <Icon name="file" />}
        <div className="grow">
          <p className="attachment-name">{file.name}</p>
          <p className="foot">{busy ? format.percent(share) : bytes(file.size)}</p>
        </div>
        <IconButton
          {...{ icon: "download", label: c.download(file.name), "aria-busy": busy || undefined }}
          onClick={() => void (busy || save())}
        />
      </div>
      {busy && <Progress share={share} label={c.download(file.name)} />}
      {problem && (
        <p className="why" role="alert">
          {problem}
        </p>
      )}
    </li>
  );
}

function useDownload(file: Attachment) {
  const { c, t } = useChatWords();
  const { files } = useClient();
  const [share, setShare] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef(new AbortController());
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);
  const save = async () => {
    const { signal } = stop.current;
    setBusy(true);
    setProblem(null);
    setShare(0);
    try {
      const onProgress = ({ done, total }: { done: number; total: number }) =>
        setShare(total === 0 ? 1 : done / total);
      saveAs(await files.download(file, { onProgress, signal }), file.name);
    } catch (error) {
      if (signal.aborted) return;
      heed(error);
      setProblem(whyNot(error) ?? describeFailure(error, t).text);
    }
    setBusy(false);
  };
  const whyNot = (error: unknown): string | null => {
    if (isTrackItError(error, "CRYPTO_OPEN_FAILED")) return c.fileChanged;
    return isTrackItError(error, "ACCESS_NOT_FOUND") ? c.fileGone : null;
  };
  return { busy, problem, save, share };
}
