import { useState } from "react";
import { navigate } from "../../app/router.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { FolderDialog } from "./FolderDialog.tsx";
import { PickFiles } from "./PickFiles.tsx";
import type { FilesState, Place } from "./useFiles.ts";
import { useFilesWords } from "./words.ts";

/** The address with some of its query changed. */
export type Go = (to: Record<string, string | null>) => string;

/** The name of the page, and what one can bring to it. */
export function Head({ place, state, send }: { place: Place; state: FilesState; send(files: File[]): void }) {
  const { f } = useFilesWords();
  const [naming, setNaming] = useState(false);
  return (
    <div className="page-head">
      <h1>{f.title}</h1>
      {place.view === "files" && (
        <div className="row">
          <IconButton icon="folderPlus" label={f.newFolder} onClick={() => setNaming(true)} />
          <PickFiles multiple tone="primary" icon="upload" onPick={send}>
            {f.upload}
          </PickFiles>
        </div>
      )}
      {naming && (
        <FolderDialog
          parentId={place.folderId}
          folders={state.folders}
          onClose={() => setNaming(false)}
          onDone={() => {
            setNaming(false);
            state.reload();
          }}
        />
      )}
    </div>
  );
}

export function Search({ place, go }: { place: Place; go: Go }) {
  const { f } = useFilesWords();
  const [typed, setTyped] = useState(place.search);
  return (
    <input
      className="input"
      type="search"
      aria-label={f.search}
      placeholder={f.search}
      // The address counts: it changes by links, too.
      value={typed.trim() === place.search ? typed : place.search}
      onChange={({ target }) => {
        setTyped(target.value);
        navigate(go({ search: target.value.trim() }), { replace: true });
      }}
    />
  );
}
