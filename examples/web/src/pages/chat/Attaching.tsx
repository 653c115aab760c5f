import { useRef } from "react";
import { Alert } from "../../ui/Alert.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Name } from "../../ui/Name.tsx";
import { plainName } from "../../ui/names.ts";
import { Progress } from "../../ui/States.tsx";
import { useFilesWords } from "../files/words.ts";
import type { Attaching } from "./useAttaching.ts";
import { useChatWords } from "./words.ts";

/** Files that were chosen, each to be left out again; and how far they are, once they are on their way. */
export function AttachedFiles({ attaching }: { attaching: Attaching }) {
  const { c } = useChatWords();
  const { bytes } = useFilesWords();
  const { files, problem, sending } = attaching;
  if (files.length === 0 && !problem) return null;
  const label = c.sendingFile((sending?.file ?? 0) + 1, files.length);
  return (
    <section className="attached" aria-label={c.attached}>
      <Alert text={problem} />
      <ul>
        {files.map((file) => (
          <li key={`${file.name} ${file.size} ${file.lastModified}`} className="attached-file">
            <Icon name="file" size={18} />
            <Name className="file-name">{file.name}</Name>
            <span className="small quiet">{bytes(file.size)}</span>
            {!sending && (
              <IconButton
                icon="close"
                label={c.detach(plainName(file.name))}
                onClick={() => attaching.remove(file)}
              />
            )}
          </li>
        ))}
      </ul>
      {sending && (
        <div className="row spread">
          <div className="grow">
            <p className="small quiet" role="status">
              {label}
            </p>
            <Progress share={sending.share} label={label} />
          </div>
          <Button small tone="ghost" onClick={attaching.cancel}>
            {c.cancelFiles}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Opens the device's own chooser. */
export function AttachButton({ onPick, disabled }: { onPick(files: File[]): void; disabled: boolean }) {
  const { c } = useChatWords();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="clip" label={c.attach} disabled={disabled} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          onPick([...(currentTarget.files ?? [])]);
          // The same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
