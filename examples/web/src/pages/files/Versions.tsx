import type { FileVersion, StoredFile } from "@trackit/sdk";
import { useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { saveAs } from "../../ui/saveAs.ts";
import { PickFiles } from "./PickFiles.tsx";
import type { Uploads } from "./useUploads.ts";
import { useFilesWords } from "./words.ts";

interface VersionsProps {
  file: StoredFile;
  uploads: Uploads;
  onChange(): void;
}

/** What the file was before, and a new version of it. */
export function Versions({ file, uploads, onChange }: VersionsProps) {
  const { f, format, bytes } = useFilesWords();
  const { files } = useClient();
  const act = useAction();
  const [versions, setVersions] = useState<readonly FileVersion[]>([]);
  const { id, contentVersion, name } = file;
  useEffect(() => {
    if (contentVersion === null) return;
    let over = false;
    files.versions(id).then(
      (all) => !over && setVersions(all.filter(({ state }) => state === "ready")),
      () => undefined,
    );
    return () => {
      over = true;
    };
  }, [files, id, contentVersion]);
  const download = (number: number) =>
    act(async () => saveAs(await files.download(id, { version: number }), name ?? id));
  const restore = async (number: number) => {
    if (await act(() => files.restoreVersion(id, number))) onChange();
  };
  return (
    <section className="card stack" aria-label={f.versions}>
      <div className="row spread">
        <h3>{f.versions}</h3>
        <PickFiles small icon="upload" onPick={([picked]) => picked && uploads.sendVersion(id, picked)}>
          {f.newVersion}
        </PickFiles>
      </div>
      <ul>
        {versions.map(({ number, createdAt, storedSize }) => (
          <li key={number} className="row spread">
            <span className="small">
              {f.version(number)} · {format.dateTime(createdAt)} · {bytes(storedSize)}
              {number === contentVersion && ` · ${f.current}`}
            </span>
            {number !== contentVersion && (
              <span className="row">
                <Button small tone="ghost" onClick={() => void download(number)}>
                  {f.download}
                </Button>
                <Button small tone="ghost" onClick={() => void restore(number)}>
                  {f.makePresent}
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
