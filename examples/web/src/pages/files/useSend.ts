import type { Folder } from "@trackit/sdk";
import { useCallback } from "react";
import { useClient } from "../../app/client.tsx";
import type { Uploads } from "../../data/uploads.tsx";
import { useAction } from "../../data/useAction.ts";
import type { Dropped } from "../../ui/dropped.ts";

interface Where {
  folderId: string | null;
  folders: readonly Folder[];
  uploads: Uploads;
  /** Folders were made. */
  onMade(): void;
}

/** Sends files to where one is, with the folders that they stand in; one that is there already is gone on with. */
export function useSend({ folderId, folders, uploads, onMade }: Where) {
  const client = useClient();
  const act = useAction();
  const { send } = uploads;
  return useCallback(
    (dropped: readonly Dropped[]) => {
      const places = new Map<string, string>();
      const placeFor = async (path: readonly string[]): Promise<string | null> => {
        const name = path.at(-1);
        if (name === undefined) return folderId;
        const key = path.join("/");
        const known = places.get(key);
        if (known) return known;
        const parentId = await placeFor(path.slice(0, -1));
        const there = folders.find((one) => one.parentId === parentId && one.name === name);
        const { id } = there ?? (await client.folders.create({ name, parentId }));
        places.set(key, id);
        return id;
      };
      void act(async () => {
        for (const { file, path } of dropped) send([file], await placeFor(path));
        if (places.size > 0) onMade();
      });
    },
    [act, client, folderId, folders, onMade, send],
  );
}
