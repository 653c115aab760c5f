import type { Folder, SharedFile, StoredFile } from "@trackit/sdk";
import { useEffect, useState } from "react";
import { Link } from "../../app/router.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Name } from "../../ui/Name.tsx";
import { useFilesWords } from "./words.ts";

/** Folders first, then files, as links. */
export function FileList({
  folders,
  files,
  current,
  hrefOf,
}: {
  folders: readonly Folder[];
  files: readonly (StoredFile | SharedFile)[];
  current: string | null;
  hrefOf(to: { folder?: string; file?: string }): string;
}) {
  return (
    <ul className="files">
      {folders.map((folder) => (
        <FolderLine key={folder.id} folder={folder} href={hrefOf({ folder: folder.id })} />
      ))}
      {files.map((file) => (
        <FileLine
          key={file.id}
          file={file}
          href={hrefOf({ file: file.id })}
          isCurrent={file.id === current}
        />
      ))}
    </ul>
  );
}

function FolderLine({ folder, href }: { folder: Folder; href: string }) {
  const { f } = useFilesWords();
  return (
    <li>
      <Link className="file-row folder" href={href}>
        <span className="file-mark">
          <Icon name="folder" />
        </span>
        <Name className="file-name">{folder.name ?? f.sealed}</Name>
      </Link>
    </li>
  );
}

function FileLine({
  file,
  href,
  isCurrent,
}: {
  file: StoredFile | SharedFile;
  href: string;
  isCurrent: boolean;
}) {
  const { f, format, bytes } = useFilesWords();
  const from = "owner" in file ? f.from(file.owner.username) : null;
  return (
    <li>
      <Link className="file-row" href={href} aria-current={isCurrent ? "page" : undefined}>
        <Mark file={file} />
        <Name className="file-name">{file.name ?? f.sealed}</Name>
        <span className="small quiet file-facts">
          {[from, bytes(file.size ?? file.storedSize), format.date(file.createdAt)]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </Link>
    </li>
  );
}

/** The small picture that came with a file, or what stands for it. */
export function Mark({ file }: { file: StoredFile }) {
  const url = usePicture(file.thumbnail);
  return (
    <span className="file-mark">
      {url ? <img src={url} alt="" /> : <Icon name={file.name ? "file" : "shield"} />}
    </span>
  );
}

/** An address for a picture that is in memory, as long as it is shown. */
export function usePicture(blob: Blob | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return setUrl(null);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
