import type { Folder, Listing, SharedFile, StoredFile } from "@trackit/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useReturn } from "../../app/online.tsx";

const PAGE = 100;

export type View = "files" | "shared" | "trash";

export interface Place {
  view: View;
  folderId: string | null;
  search: string;
}

export interface FilesState {
  /** Null before the first answer. */
  files: readonly (StoredFile | SharedFile)[] | null;
  folders: readonly Folder[];
  error: unknown;
  more: (() => void) | null;
  reload(): void;
}

/** The files and folders of one view, read anew when something of them changes and when the network is back. */
export function useFiles({ view, folderId, search }: Place): FilesState {
  const client = useClient();
  const [state, setState] = useState<{ key: string; files: FilesState["files"]; folders: readonly Folder[] }>(
    {
      key: "",
      files: null,
      folders: [],
    },
  );
  const [error, setError] = useState<unknown>(null);
  const [wanted, setWanted] = useState(PAGE);
  const reading = useRef<AbortController | null>(null);
  const key = `${view} ${folderId ?? ""} ${search}`;
  const reload = useCallback(() => {
    reading.current?.abort();
    const stop = new AbortController();
    reading.current = stop;
    const { signal } = stop;
    const open = (): Listing<StoredFile> => {
      if (view === "shared") return client.files.shared({ signal });
      if (view === "trash") return client.files.list({ trash: true }, { signal });
      return search ? client.files.search(search, { signal }) : client.files.list({ folderId }, { signal });
    };
    const trash = view === "trash";
    const tree = view === "shared" ? Promise.resolve([]) : client.folders.list({ trash }, { signal });
    Promise.all([open().toArray({ max: wanted }), tree]).then(
      ([files, folders]) => {
        if (signal.aborted) return;
        setState({ key, files, folders });
        setError(null);
      },
      (cause: unknown) => {
        if (signal.aborted) return;
        heed(cause);
        setError(cause);
      },
    );
  }, [client, view, folderId, search, wanted, key]);
  useEffect(() => {
    reload();
    return () => reading.current?.abort();
  }, [reload]);
  useReturn(reload);
  const files = state.key === key ? state.files : null;
  const more = files && files.length >= wanted ? () => setWanted(wanted + PAGE) : null;
  return { files, folders: state.folders, error, more, reload };
}
