import { isTrackItError } from "@trackit/sdk";
import { useCallback } from "react";
import { useClient } from "../../app/client.tsx";
import { Panes } from "../../app/Panes.tsx";
import { navigate, useAddress, withQuery } from "../../app/router.tsx";
import { Views } from "../../app/Views.tsx";
import { type Uploads, useSent, useUploads } from "../../data/uploads.tsx";
import { useAnswer } from "../../data/useAnswer.ts";
import { Aside } from "../../ui/States.tsx";
import { useDrop } from "../../ui/useDrop.ts";
import { usePaste } from "../../ui/usePaste.ts";
import { NewDevice } from "../chat/NewDevice.tsx";
import { BegunUploads } from "./BegunUploads.tsx";
import { FileDetail } from "./FileDetail.tsx";
import { List } from "./FilesBody.tsx";
import { Head, Search } from "./FilesHead.tsx";
import { FolderPath } from "./FolderPath.tsx";
import { Quota } from "./Quota.tsx";
import { SendingList } from "./SendingList.tsx";
import { type FilesState, type Place, useFiles, type View } from "./useFiles.ts";
import { useSend } from "./useSend.ts";
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
  const { devices } = useClient();
  // Whoever opens this page has keys from then on, so that files can be handed to them.
  const device = useAnswer(useCallback((signal: AbortSignal) => devices.me({ signal }), [devices]));
  const isStranger = isTrackItError(device.error, "CRYPTO_DEVICE");
  const current = isStranger ? null : query.get("file");
  const state = useFiles(place);
  const uploads = useUploads();
  useSent(state.reload);
  const file = state.files?.find(({ id }) => id === current) ?? null;
  const go = (to: Record<string, string | null>) => withQuery(address, to);
  const { send, isOver } = useTaking(place, state, uploads);
  const detail = current ? (
    <FileDetail
      {...{ id: current, known: file, folders: state.folders, uploads, key: current }}
      onChange={state.reload}
      onClose={() => navigate(go({ file: null }))}
    />
  ) : (
    <Aside icon="file">{f.choose}</Aside>
  );
  if (isStranger)
    return (
      <Panes label={f.title} detailLabel={f.file} open={null} detail={detail}>
        <div className="page-head">
          <h1>{f.title}</h1>
        </div>
        <NewDevice
          onReady={() => {
            device.reload();
            state.reload();
          }}
        />
      </Panes>
    );
  return (
    <Panes label={f.title} detailLabel={f.file} open={current} detail={detail}>
      <div className="file-area">
        <Head place={place} state={state} send={send} />
        <Views
          label={f.viewsLabel}
          views={views.map((view) => ({
            href: go({ view: view === "files" ? null : view, folder: null, file: null, search: null }),
            label: f.views[view],
            current: view === place.view,
          }))}
        />
        {place.view === "files" && <Search place={place} go={go} />}
        {place.view === "files" && place.search === "" && (
          <FolderPath {...{ place, folders: state.folders, go, onChange: state.reload }} />
        )}
        <SendingList uploads={uploads} />
        {place.view === "files" && <BegunUploads uploads={uploads} />}
        <List {...{ place, state, current, go }} />
        {place.view !== "shared" && <Quota files={state.files} />}
        {isOver && <p className="drop-here">{f.drop}</p>}
      </div>
    </Panes>
  );
}

/** Files that are chosen, dropped or pasted. */
function useTaking({ view, folderId }: Place, { folders, reload }: FilesState, uploads: Uploads) {
  const sendDropped = useSend({ folderId, folders, uploads, onMade: reload });
  const send = useCallback(
    (files: readonly File[]) => sendDropped(files.map((file) => ({ file, path: [] }))),
    [sendDropped],
  );
  const takes = view === "files";
  usePaste(takes ? send : null);
  return { send, isOver: useDrop(takes ? sendDropped : null) };
}
