import type { FileVersion, StoredFile } from "@trackit/sdk";
import { useCallback, useState } from "react";
import { useClient } from "../../app/client.tsx";
import type { Uploads } from "../../data/uploads.tsx";
import { useAction } from "../../data/useAction.ts";
import { useAnswer } from "../../data/useAnswer.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Progress, Told } from "../../ui/States.tsx";
import { PickFiles } from "./PickFiles.tsx";
import { sourceOf, useSaving } from "./useSaving.ts";
import { useFilesWords } from "./words.ts";

interface VersionsProps {
  file: StoredFile;
  uploads: Uploads;
  onChange(): void;
}

/** What the file was before, and a new version of it. */
export function Versions({ file, uploads, onChange }: VersionsProps) {
  const { f } = useFilesWords();
  const { files } = useClient();
  const { id, contentVersion } = file;
  const versions = useAnswer(
    useCallback(
      // Another present one is another list.
      (signal: AbortSignal) => (contentVersion ? files.versions(id, { signal }) : Promise.resolve([])),
      [files, id, contentVersion],
    ),
  );
  return (
    <section className="card stack" aria-label={f.versions}>
      <div className="row spread">
        <h3>{f.versions}</h3>
        <PickFiles small icon="upload" onPick={([picked]) => picked && uploads.sendVersion(id, picked)}>
          {f.newVersion}
        </PickFiles>
      </div>
      <Told asked={versions} />
      <ul className="links">
        {versions.answer
          ?.filter(({ state }) => state === "ready")
          .map((one) => (
            <VersionLine key={one.number} {...{ one, file, onChange }} />
          ))}
      </ul>
    </section>
  );
}

function VersionLine({ one, file, onChange }: { one: FileVersion; file: StoredFile; onChange(): void }) {
  const { f, bytes, format } = useFilesWords();
  const client = useClient();
  const act = useAction();
  const saving = useSaving();
  const [restoring, setRestoring] = useState(false);
  const { number, createdAt, storedSize } = one;
  const isPresent = number === file.contentVersion;
  const restore = async () => {
    setRestoring(true);
    if (await act(() => client.files.restoreVersion(file.id, number))) onChange();
    setRestoring(false);
  };
  return (
    <li>
      <div className="row spread">
        <span className="small">
          {f.version(number)} · {format.dateTime(createdAt)} · {bytes(storedSize)}
          {isPresent && ` · ${f.current}`}
        </span>
        {!isPresent && (
          <span className="row">
            <Button
              {...{ small: true, tone: "ghost", busy: saving.share !== null }}
              aria-label={`${f.download}: ${f.version(number)}`}
              onClick={() => void saving.save(sourceOf(client, file, number))}
            >
              {f.download}
            </Button>
            <Button
              {...{ small: true, tone: "ghost", busy: restoring }}
              aria-label={`${f.makePresent}: ${f.version(number)}`}
              onClick={() => void restore()}
            >
              {f.makePresent}
            </Button>
          </span>
        )}
      </div>
      {saving.share !== null && <Progress share={saving.share} label={f.downloading} />}
      <Alert text={saving.problem} />
    </li>
  );
}
