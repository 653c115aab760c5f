import type { Folder } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Name } from "../../ui/Name.tsx";
import { Sure } from "../../ui/Sure.tsx";
import { topOf } from "./folders.ts";
import { useFilesWords } from "./words.ts";

/** The most files that one call erases. */
const AT_ONCE = 100;

/** What a trash says of itself, and the way to have it all erased. */
export function TrashHead({ onChange }: { onChange(): void }) {
  const { f, t } = useFilesWords();
  const { files, folders } = useClient();
  const act = useAction();
  const [isSure, setSure] = useState(false);
  const empty = async () => {
    await act(async () => {
      for (const { id } of topOf(await folders.list({ trash: true }))) await folders.purge(id);
      const left = await files.list({ trash: true }).toArray();
      for (let at = 0; at < left.length; at += AT_ONCE)
        await files.purge(left.slice(at, at + AT_ONCE).map(({ id }) => id));
    });
    setSure(false);
    onChange();
  };
  if (isSure)
    return (
      <Sure
        {...{ question: f.emptySure, yes: f.emptyIt, no: t.app.cancel }}
        onYes={empty}
        onNo={() => setSure(false)}
      />
    );
  return (
    <div className="row spread">
      <p className="small quiet">{f.trashLead}</p>
      <Button small tone="ghost danger" onClick={() => setSure(true)}>
        {f.emptyIt}
      </Button>
    </div>
  );
}

/** A folder in the trash: with all that was put there with it, it comes back or goes for good. */
export function TrashedFolder({ folder, onChange }: { folder: Folder; onChange(): void }) {
  const { f, t } = useFilesWords();
  const { folders } = useClient();
  const act = useAction();
  const [isSure, setSure] = useState(false);
  const name = folder.name ?? f.sealed;
  const end = async (call: () => Promise<unknown>) => {
    if (await act(call)) onChange();
  };
  return (
    <li>
      <div className="file-row folder trashed">
        <span className="file-mark">
          <Icon name="folder" />
        </span>
        <Name className="file-name">{name}</Name>
        <span className="row">
          <Button
            {...{ small: true, icon: "restore" }}
            aria-label={`${f.restore}: ${name}`}
            onClick={() => void end(() => folders.restore(folder.id))}
          >
            {f.restore}
          </Button>
          <IconButton icon="trash" danger label={`${f.erase}: ${name}`} onClick={() => setSure(true)} />
        </span>
      </div>
      {isSure && (
        <Sure
          {...{ question: f.eraseFolderSure, yes: f.erase, no: t.app.cancel }}
          onYes={() => end(() => folders.purge(folder.id))}
          onNo={() => setSure(false)}
        />
      )}
    </li>
  );
}
