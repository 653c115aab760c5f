import type { BegunUpload } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useReturn } from "../../app/online.tsx";
import { sentByTabs } from "../../data/sendingElsewhere.ts";
import type { Uploads } from "../../data/uploads.tsx";
import { useAction } from "../../data/useAction.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Name } from "../../ui/Name.tsx";
import { plainName } from "../../ui/names.ts";
import { PickFiles } from "./PickFiles.tsx";
import { useFilesWords } from "./words.ts";

/** What an earlier visit has begun to send: with the same file it goes on where it stopped. */
export function BegunUploads({ uploads }: { uploads: Uploads }) {
  const { f } = useFilesWords();
  const { files } = useClient();
  const [begun, setBegun] = useState<readonly BegunUpload[]>([]);
  const load = useCallback(() => {
    const read = async () => {
      const [all, elsewhere] = await Promise.all([files.uploads(), sentByTabs()]);
      setBegun(all.filter(({ fileId, resumable }) => resumable && !elsewhere.has(fileId)));
    };
    // The list above says what is wrong with the network; this one is an offer.
    read().catch(() => undefined);
  }, [files]);
  // What this visit sends stands above; what it has sent is over.
  const isQuiet = uploads.sending.length === 0;
  useEffect(() => {
    if (isQuiet) load();
  }, [isQuiet, load]);
  useReturn(load);
  if (!isQuiet || begun.length === 0) return null;
  const drop = (id: string) => setBegun((all) => all.filter(({ uploadId }) => uploadId !== id));
  return (
    <section className="card sending" aria-label={f.begun}>
      <h2>{f.begun}</h2>
      <p className="quiet">{f.begunLead}</p>
      <ul>
        {begun.map((one) => (
          <BegunLine key={one.uploadId} one={one} uploads={uploads} onGone={() => drop(one.uploadId)} />
        ))}
      </ul>
    </section>
  );
}

function BegunLine({ one, uploads, onGone }: { one: BegunUpload; uploads: Uploads; onGone(): void }) {
  const { f, format } = useFilesWords();
  const { files } = useClient();
  const act = useAction();
  const name = one.name === null ? f.sealed : plainName(one.name);
  return (
    <li className="row spread">
      <Name className="file-name">{name}</Name>
      <span className="small quiet">{format.dateTime(one.startedAt)}</span>
      <span className="row">
        <PickFiles
          small
          tone="ghost"
          onPick={([file]) => {
            if (!file) return;
            onGone();
            uploads.goOn(one, file);
          }}
        >
          {f.chooseAgain}
        </PickFiles>
        <IconButton
          icon="close"
          label={f.cancel(name)}
          onClick={() => {
            onGone();
            void act(() => files.cancel(one.uploadId));
          }}
        />
      </span>
    </li>
  );
}
