import { useRef, useState } from "react";
import { Panes } from "../../app/Panes.tsx";
import { navigate, useAddress, withQuery } from "../../app/router.tsx";
import { Views } from "../../app/Views.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Aside, Empty, Failed, Loading, Stale } from "../../ui/States.tsx";
import { BegunUploads } from "./BegunUploads.tsx";
import { FileDetail } from "./FileDetail.tsx";
import { FileList } from "./FileList.tsx";
import { FolderDialog } from "./FolderDialog.tsx";
import { FolderPath } from "./FolderPath.tsx";
import { PickFiles } from "./PickFiles.tsx";
import { SendingList } from "./SendingList.tsx";
import { useDrop } from "./useDrop.ts";
import { type FilesState, type Place, useFiles, type View } from "./useFiles.ts";
import { useUploads } from "./useUploads.ts";
import { useFilesWords } from "./words.ts";
import "./files.css";

const views: readonly View[] = ["files", "shared", "trash"];

/** Files that the server cannot read; the chosen one beside them. */
export default function FilesPage() {
  const { f } = useFilesWords();
  const address = useAddress();
  const query = address.searchParams;
  const place: Place = {
    view: views.find((view) => view === query.get("view")) ?? "files",
    folderId: query.get("folder"),
    search: query.get("search") ?? "",
  };
  const current = query.get("file");
  const state = useFiles(place);
  const uploads = useUploads(state.reload);
  const file = state.files?.find(({ id }) => id === current) ?? null;
  const go = (to: Record<string, string | null>) => withQuery(address, to);
  const send = (files: File[]) => uploads.send(files, place.folderId);
  const area = useRef<HTMLDivElement>(null);
  useDrop(area, place.view === "files" ? send : null);
  const detail = current ? (
    <FileDetail
      {...{ id: current, known: file, folders: state.folders, uploads, key: current }}
      onChange={state.reload}
      onClose={() => navigate(go({ file: null }))}
    />
  ) : (
    <Aside icon="file">{f.choose}</Aside>
  );
  return (
    <Panes label={f.title} detailLabel={f.file} open={current} detail={detail}>
      <div className="file-area" ref={area}>
        <Head place={place} state={state} send={send} />
        <Views
          label={f.viewsLabel}
          views={views.map((view) => ({
            href: go({ view: view === "files" ? null : view, folder: null, file: null, search: null }),
            label: f.views[view],
            current: view === place.view,
          }))}
        />
        {place.view === "files" && (
          <>
            <Search place={place} go={go} />
            <FolderPath {...{ place, folders: state.folders, go, onChange: state.reload }} />
            <SendingList sending={uploads.sending} />
            <BegunUploads uploads={uploads} />
          </>
        )}
        <List {...{ place, state, current, go }} />
      </div>
    </Panes>
  );
}

type Go = (to: Record<string, string | null>) => string;

function Head({ place, state, send }: { place: Place; state: FilesState; send(files: File[]): void }) {
  const { f } = useFilesWords();
  const [naming, setNaming] = useState(false);
  return (
    <div className="page-head">
      <h1>{f.title}</h1>
      {place.view === "files" && (
        <div className="row">
          <IconButton icon="folder" label={f.newFolder} onClick={() => setNaming(true)} />
          <PickFiles multiple tone="primary" icon="upload" onPick={send}>
            {f.upload}
          </PickFiles>
        </div>
      )}
      {naming && (
        <FolderDialog
          parentId={place.folderId}
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

function Search({ place, go }: { place: Place; go: Go }) {
  const { f } = useFilesWords();
  return (
    <input
      className="input"
      type="search"
      aria-label={f.search}
      placeholder={f.search}
      defaultValue={place.search}
      onChange={({ target }) => navigate(go({ search: target.value.trim() }), { replace: true })}
    />
  );
}

function List({
  place,
  state,
  current,
  go,
}: {
  place: Place;
  state: FilesState;
  current: string | null;
  go: Go;
}) {
  const { f } = useFilesWords();
  const { files, error, more, reload } = state;
  if (!files) return error === null ? <Loading /> : <Failed error={error} retry={reload} />;
  const isHere = place.view === "files" && place.search === "";
  const folders = state.folders.filter(({ parentId }) =>
    isHere ? parentId === place.folderId : place.view === "trash",
  );
  if (files.length === 0 && folders.length === 0) return <Nothing place={place} />;
  return (
    <>
      <FileList
        {...{ files, folders, current }}
        hrefOf={({ folder, file }) =>
          folder ? go(place.view === "trash" ? {} : { folder, file: null }) : go({ file: file ?? null })
        }
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

function Nothing({ place: { view, search } }: { place: Place }) {
  const { f } = useFilesWords();
  if (view === "trash") return <Empty icon="trash" title={f.emptyTrash} />;
  if (view === "shared") return <Empty icon="people" title={f.emptyShared} />;
  if (search) return <Empty icon="search" title={f.notFound} />;
  return (
    <Empty icon="file" title={f.empty}>
      <p>{f.emptyLead}</p>
      <p className="quiet">{f.drop}</p>
    </Empty>
  );
}
