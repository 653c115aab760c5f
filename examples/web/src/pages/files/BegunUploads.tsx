import type { BegunUpload } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import type { Uploads } from "../../data/uploads.tsx";
import { useAction } from "../../data/useAction.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Name } from "../../ui/Name.tsx";
import { PickFiles } from "./PickFiles.tsx";
import { useFilesWords } from "./words.ts";

/** What an earlier visit has begun to send: with the same file it goes on where it stopped. */
export function BegunUploads({ uploads }: { uploads: Uploads }) {
  const { f, format } = useFilesWords();
  const { files } = useClient();
  const act = useAction();
  const [begun, setBegun] = useState<readonly BegunUpload[]>([]);
  const load = useCallback(() => {
    // The list above says what is wrong with the network; this one is an offer.
    files.uploads().then(setBegun, () => undefined);
  }, [files]);
  // What this visit sends stands above; what it has sent is over.
  const isQuiet = uploads.sending.length === 0;
  useEffect(() => {
    if (isQuiet) load();
  }, [isQuiet, load]);
  const open = begun.filter(({ resumable }) => resumable);
  if (!isQuiet || open.length === 0) return null;
  const drop = (id: string) => setBegun((all) => all.filter(({ uploadId }) => uploadId !== id));
  return (
    <section className="card sending" aria-label={f.begun}>
      <h2>{f.begun}</h2>
      <p className="quiet">{f.begunLead}</p>
      <ul>
        {open.map(({ uploadId, name, startedAt }) => (
          <li key={uploadId} className="row spread">
            <Name className="file-name">{name ?? f.sealed}</Name>
            <span className="small quiet">{format.dateTime(startedAt)}</span>
            <span className="row">
              <PickFiles
                small
                tone="ghost"
                onPick={([file]) => {
                  if (!file) return;
                  drop(uploadId);
                  uploads.goOn(uploadId, file);
                }}
              >
                {f.chooseAgain}
              </PickFiles>
              <IconButton
                icon="close"
                label={f.cancel(name ?? f.sealed)}
                onClick={() => {
                  drop(uploadId);
                  void act(() => files.cancel(uploadId));
                }}
              />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
