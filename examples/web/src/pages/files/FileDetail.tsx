import type { Folder, SharedFile, StoredFile } from "@trackit/sdk";
import { useCallback } from "react";
import { useClient, useSession } from "../../app/client.tsx";
import type { Uploads } from "../../data/uploads.tsx";
import { useAnswer } from "../../data/useAnswer.ts";
import { IconButton } from "../../ui/Button.tsx";
import { plainName } from "../../ui/names.ts";
import { Failed, Loading } from "../../ui/States.tsx";
import { Received, Trashed } from "./FileEnds.tsx";
import { FileForm } from "./FileForm.tsx";
import { Links } from "./Links.tsx";
import { People } from "./People.tsx";
import { Preview } from "./Preview.tsx";
import { SaveButton } from "./SaveButton.tsx";
import { sourceOf } from "./useSaving.ts";
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
  const client = useClient();
  const me = useSession()?.user.id;
  const isKnown = known !== null;
  const read = useAnswer(
    useCallback(
      async (signal: AbortSignal) => (isKnown ? null : client.files.get(id, { signal })),
      [client, id, isKnown],
    ),
  );
  const file = known ?? read.answer;
  if (!file) return <Absent {...{ onClose, error: read.error, retry: read.reload }} />;
  const change = () => {
    read.reload();
    onChange();
  };
  const isOwn = file.ownerId === me;
  return (
    <div className="stack">
      <div className="detail-head">
        <span className="detail-back">
          <IconButton icon="back" label={f.title} onClick={onClose} />
        </span>
        <h2 className="file-title">
          <bdi>{file.name === null ? f.sealed : plainName(file.name)}</bdi>
        </h2>
      </div>
      {!file.problem && (
        <Preview key={file.contentVersion} source={sourceOf(client, file)} thumbnail={file.thumbnail} />
      )}
      <Facts file={file} />
      {!file.problem && <SaveButton source={sourceOf(client, file)} label={f.download} />}
      {!isOwn && <Received {...{ file, onChange, onClose }} />}
      {isOwn && file.deletedAt && <Trashed {...{ file, onChange, onClose }} />}
      {isOwn && !file.deletedAt && (
        <>
          {!file.problem && <Links file={file} />}
          {!file.problem && <People file={file} />}
          <FileForm key={`${file.version}`} {...{ file, folders, onChange: change, onClose }} />
          <Versions {...{ file, uploads, onChange: change }} />
        </>
      )}
    </div>
  );
}

function Absent({ error, retry, onClose }: { error: unknown; retry(): void; onClose(): void }) {
  const { f } = useFilesWords();
  return (
    <>
      <div className="detail-head">
        <span className="detail-back">
          <IconButton icon="back" label={f.title} onClick={onClose} />
        </span>
      </div>
      {error === null ? <Loading /> : <Failed error={error} retry={retry} />}
    </>
  );
}

function Facts({ file }: { file: StoredFile }) {
  const { f, format, bytes } = useFilesWords();
  return (
    <>
      {file.problem && <p className="alert">{f.problems[file.problem.cause] ?? file.problem.cause}</p>}
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
