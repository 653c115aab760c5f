import type { Folder } from "@trackit/sdk";
import { plainName } from "../../ui/names.ts";
import { pathTo } from "./folders.ts";
import { useFilesWords } from "./words.ts";

/** Places to choose from, each with its way from the top, in the order of the tree. */
export function FolderOptions({ folders, all }: { folders: readonly Folder[]; all: readonly Folder[] }) {
  const { f, language } = useFilesWords();
  const places = folders
    .map(({ id }) => ({
      id,
      way: pathTo(id, all)
        .map(({ name }) => (name === null ? f.sealed : plainName(name)))
        .join(" / "),
    }))
    .sort((a, b) => a.way.localeCompare(b.way, language));
  return (
    <>
      <option value="">{f.root}</option>
      {places.map(({ id, way }) => (
        <option key={id} value={id}>
          {way}
        </option>
      ))}
    </>
  );
}
