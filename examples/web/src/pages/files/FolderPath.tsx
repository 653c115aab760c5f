import type { Folder } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Link, navigate } from "../../app/router.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Name } from "../../ui/Name.tsx";
import { FolderDialog } from "./FolderDialog.tsx";
import { pathTo } from "./folders.ts";
import type { Place } from "./useFiles.ts";
import { useFilesWords } from "./words.ts";

interface FolderPathProps {
  place: Place;
  folders: readonly Folder[];
  go(to: Record<string, string | null>): string;
  onChange(): void;
}

/** Where one is among the folders, with the way back, and what can be done with the folder. */
export function FolderPath({ place, folders, go, onChange }: FolderPathProps) {
  const { f } = useFilesWords();
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const [naming, setNaming] = useState(false);
  const path = pathTo(place.folderId, folders);
  const here = path.at(-1);
  if (!here) return null;
  const remove = async () => {
    if (!(await act(() => client.folders.remove(here.id)))) return;
    navigate(go({ folder: here.parentId, file: null }));
    onChange();
    const undo = () => void act(() => client.folders.restore(here.id)).then(onChange);
    say(f.removed, { action: { label: f.undo, run: undo } });
  };
  return (
    <nav className="row folder-path" aria-label={f.path}>
      <ol>
        <li>
          <Link href={go({ folder: null, file: null })}>{f.home}</Link>
        </li>
        {path.map((folder) => (
          <li key={folder.id}>
            <Link
              href={go({ folder: folder.id, file: null })}
              aria-current={folder === here ? "page" : undefined}
            >
              <Name>{folder.name ?? f.sealed}</Name>
            </Link>
          </li>
        ))}
      </ol>
      <IconButton icon="pen" label={f.changeFolder} onClick={() => setNaming(true)} />
      <IconButton icon="trash" label={f.removeFolder} danger onClick={() => void remove()} />
      {naming && (
        <FolderDialog
          parentId={here.parentId}
          folders={folders}
          folder={here}
          onClose={() => setNaming(false)}
          onDone={() => {
            setNaming(false);
            onChange();
          }}
        />
      )}
    </nav>
  );
}
