import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { QrCode } from "../../ui/QrCode.tsx";
import { useFilesWords } from "./words.ts";

export function CopyLink({ link }: { link: string }) {
  const { f } = useFilesWords();
  const act = useAction();
  const say = useToast();
  const copy = async () => {
    if (await act(() => navigator.clipboard.writeText(link))) say(f.copied);
  };
  return (
    <Button small tone="ghost" onClick={() => void copy()}>
      {f.copy}
    </Button>
  );
}

/** A link that was just made: to be copied, or held before a camera. */
export function MadeLink({ link }: { link: string }) {
  const { f } = useFilesWords();
  return (
    <div className="stack">
      <p className="notice">{f.linkLead}</p>
      <QrCode text={link} label={f.qr} />
      <input
        className="input"
        readOnly
        value={link}
        aria-label={f.links}
        onFocus={({ target }) => target.select()}
      />
      <CopyLink link={link} />
    </div>
  );
}
