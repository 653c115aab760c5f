import type { Folder, SharedFile, StoredFile } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient, useSession } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Failed, Loading, Progress } from "../../ui/States.tsx";
import { Sure } from "../../ui/Sure.tsx";
import { saveAs } from "../../ui/saveAs.ts";
import { FileForm } from "./FileForm.tsx";
import { usePicture } from "./FileList.tsx";
import { Links } from "./Links.tsx";
import { People } from "./People.tsx";
import type { Uploads } from "./useUploads.ts";
import { Versions } from "./Versions.tsx";
import { useFilesWords } from "./words.ts";

interface FileDetailProps {
  id: string;
  /** As the list has it. */
  known: StoredFile | SharedFile | null;
  folders: readonly Folder[];
  uploads: Uploads;
  onChange(): void;
  onClose(): void;
}

/** One file: what it is, its content, who else has it. */
export function FileDetail({ id, known, folders, uploads, onChange, onClose }: FileDetailProps) {
  const { f } = useFilesWords();
  const { files } = useClient();
  const me = useSession()?.user.id;
  const [read, setRead] = useState<StoredFile | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    const stop = new AbortController();
    setError(null);
    files.get(id, { signal: stop.signal }).then(setRead, (cause: unknown) => {
      if (stop.signal.aborted) return;
      heed(cause);
      setError(cause);
    });
    return () => stop.abort();
  }, [files, id]);
  useEffect(() => (known ? undefined : load()), [known, load]);
  const file = known ?? read;
  if (!file) return error === null ? <Loading /> : <Failed error={error} retry={() => void load()} />;
  const isOwn = file.ownerId === me;
  return (
    <div className="stack">
      <div className="detail-head">
        <span className="detail-back">
          <IconButton icon="back" label={f.title} onClick={onClose} />
        </span>
        <h2 className="file-title">{file.name ?? f.sealed}</h2>
      </div>
      <Facts file={file} />
      <Content file={file} />
      {isOwn && file.deletedAt && <Trashed {...{ file, onChange, onClose }} />}
      {isOwn && !file.deletedAt && (
        <>
          <FileForm key={`${file.version}`} {...{ file, folders, onChange, onClose }} />
          <Links file={file} />
          <People file={file} />
          <Versions {...{ file, uploads, onChange }} />
        </>
      )}
    </div>
  );
}

function Facts({ file }: { file: StoredFile }) {
  const { f, format, bytes } = useFilesWords();
  const picture = usePicture(file.thumbnail);
  return (
    <>
      {picture && <img className="file-picture" src={picture} alt="" />}
      {file.problem && <p className="alert">{file.problem.cause}</p>}
      <dl className="file-info">
        <dt>{f.facts.size}</dt>
        <dd>{bytes(file.size ?? file.storedSize)}</dd>
        {file.type && (
          <>
            <dt>{f.facts.type}</dt>
            <dd>{file.type}</dd>
          </>
        )}
        <dt>{f.facts.changed}</dt>
        <dd>{format.dateTime(file.updatedAt)}</dd>
      </dl>
      <p className="small quiet">{file.encrypted ? f.encrypted : f.plain}</p>
    </>
  );
}

function Content({ file }: { file: StoredFile }) {
  const { f } = useFilesWords();
  const { files } = useClient();
  const act = useAction();
  const [share, setShare] = useState<number | null>(null);
  const download = async () => {
    setShare(0);
    await act(async () => {
      const onProgress = ({ done, total }: { done: number; total: number }) =>
        setShare(total ? done / total : 1);
      saveAs(await files.download(file, { onProgress }), file.name ?? file.id);
    });
    setShare(null);
  };
  return (
    <>
      <Button tone="primary" icon="download" busy={share !== null} onClick={() => void download()}>
        {share === null ? f.download : f.downloading}
      </Button>
      {share !== null && <Progress share={share} label={f.downloading} />}
    </>
  );
}

function Trashed({ file, onChange, onClose }: { file: StoredFile; onChange(): void; onClose(): void }) {
  const { f, t } = useFilesWords();
  const { files } = useClient();
  const act = useAction();
  const say = useToast();
  const [isSure, setSure] = useState(false);
  const end = async (call: () => Promise<unknown>, told?: string) => {
    if (!(await act(call))) return;
    if (told) say(told);
    onChange();
    onClose();
  };
  if (isSure)
    return (
      <Sure
        question={f.eraseSure}
        yes={f.erase}
        no={t.app.cancel}
        onYes={() => end(() => files.purge(file.id))}
        onNo={() => setSure(false)}
      />
    );
  return (
    <div className="row">
      <Button icon="restore" onClick={() => void end(() => files.restore(file.id))}>
        {f.restore}
      </Button>
      <Button tone="ghost danger" onClick={() => setSure(true)}>
        {f.erase}
      </Button>
    </div>
  );
}
