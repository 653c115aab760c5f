import type { Attachment } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { plainName } from "../../ui/names.ts";
import { Progress } from "../../ui/States.tsx";
import { usePicture } from "../files/FileList.tsx";
import { canPreview, Previewed } from "../files/Preview.tsx";
import { type Source, useSaving } from "../files/useSaving.ts";
import { useFilesWords } from "../files/words.ts";
import { useChatWords } from "./words.ts";

/** The files of a message: what its sender calls them, to be opened by whoever is in the conversation. */
export function Attachments({ files }: { files: readonly Attachment[] }) {
  return (
    <ul className="attachments">
      {files.map((file) => (
        <AttachmentLine key={file.fileId} file={file} />
      ))}
    </ul>
  );
}

function AttachmentLine({ file }: { file: Attachment }) {
  const { c, format } = useChatWords();
  const { bytes } = useFilesWords();
  const { files } = useClient();
  const { cancel, problem, save, share } = useSaving(c.fileGone);
  const [shown, setShown] = useState(false);
  const source: Source = {
    ...file,
    download: (options) => files.download(file, options),
    save: (target, options) => files.save(file, target, options),
  };
  const name = plainName(file.name);
  const busy = share !== null;
  return (
    <li>
      <Picture file={file} name={name} onShow={canPreview(source) ? () => setShown(true) : null} />
      <div className="attachment">
        {!file.thumbnail && <Icon name="file" />}
        <div className="grow">
          <p className="attachment-name" title={name}>
            <bdi>{name}</bdi>
          </p>
          <p className="foot">{busy ? format.percent(share) : bytes(file.size)}</p>
        </div>
        {!file.thumbnail && canPreview(source) && (
          <IconButton icon="eye" label={c.show(name)} onClick={() => setShown(true)} />
        )}
        <IconButton
          icon={busy ? "close" : "download"}
          label={busy ? c.stopDownload(name) : c.download(name)}
          onClick={() => (busy ? cancel() : void save(source))}
        />
      </div>
      {busy && <Progress share={share} label={c.download(name)} />}
      {problem && (
        <p className="why" role="alert">
          {problem}
        </p>
      )}
      {shown && (
        <Dialog title={name} onClose={() => setShown(false)}>
          <Previewed source={source} />
        </Dialog>
      )}
    </li>
  );
}

/** The small picture that came with it; the whole one behind it, where it can be shown. */
function Picture({ file, name, onShow }: { file: Attachment; name: string; onShow: (() => void) | null }) {
  const { c } = useChatWords();
  const picture = usePicture(file.thumbnail);
  if (!picture) return null;
  const image = <img className="attachment-picture" src={picture} alt="" />;
  if (!onShow) return image;
  return (
    <button type="button" className="attachment-open" aria-label={c.show(name)} onClick={onShow}>
      {image}
    </button>
  );
}
