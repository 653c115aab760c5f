import type { Folder } from "@trackit/sdk";
import { Button } from "../../ui/Button.tsx";
import { Empty, Failed, Loading, Stale } from "../../ui/States.tsx";
import { FileList } from "./FileList.tsx";
import type { Go } from "./FilesHead.tsx";
import { topOf } from "./folders.ts";
import { TrashedFolder, TrashHead } from "./Trash.tsx";
import type { FilesState, Place } from "./useFiles.ts";
import { useFilesWords } from "./words.ts";

interface ListProps {
  place: Place;
  state: FilesState;
  current: string | null;
  go: Go;
}

/** What stands where one is. */
export function List({ place, state, current, go }: ListProps) {
  const { f } = useFilesWords();
  const { files, error, more, reload } = state;
  if (!files) return error === null ? <Loading /> : <Failed error={error} retry={reload} />;
  const folders = foldersIn(place, state.folders);
  if (files.length === 0 && folders.length === 0) return <Nothing place={place} />;
  return (
    <>
      {place.view === "trash" && (
        <>
          <TrashHead onChange={reload} />
          <ul className="files">
            {folders.map((folder) => (
              <TrashedFolder key={folder.id} folder={folder} onChange={reload} />
            ))}
          </ul>
        </>
      )}
      <FileList
        {...{ files, current, folders: place.view === "trash" ? [] : folders }}
        hrefOf={({ folder, file }) => (folder ? go({ folder, file: null }) : go({ file: file ?? null }))}
      />
      {more && (
        <Button wide onClick={more}>
          {f.more}
        </Button>
      )}
      <Stale list={{ error, reload }} />
    </>
  );
}

function foldersIn({ view, folderId, search }: Place, folders: readonly Folder[]): Folder[] {
  if (view === "trash") return topOf(folders);
  return view === "files" && search === "" ? folders.filter(({ parentId }) => parentId === folderId) : [];
}

function Nothing({ place: { view, search } }: { place: Place }) {
  const { f } = useFilesWords();
  if (view === "trash") return <Empty icon="trash" title={f.emptyTrash} />;
  if (view === "shared") return <Empty icon="people" title={f.emptyShared} />;
  if (search) return <Empty icon="search" title={f.notFound} />;
  return (
    <Empty icon="file" title={f.empty}>
      <p>{f.emptyLead}</p>
      <p className="quiet drop-hint">{f.drop}</p>
    </Empty>
  );
}
