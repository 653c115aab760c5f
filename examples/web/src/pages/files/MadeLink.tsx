import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { QrCode } from "../../ui/QrCode.tsx";
import { qrPicture } from "../../ui/qr.ts";
import { saveAs } from "../../ui/saveAs.ts";
import { useFilesWords } from "./words.ts";

/** A link: to be copied, handed to another app, or held before a camera. */
export function MadeLink({ link }: { link: string }) {
  const { f } = useFilesWords();
  const act = useAction();
  const say = useToast();
  const copy = async () => {
    if (await act(() => navigator.clipboard.writeText(link))) say(f.copied);
  };
  // Whoever closes the device's own sheet has not failed at anything.
  const hand = () => navigator.share({ url: link }).catch(() => undefined);
  return (
    <div className="stack">
      <p className="notice">{f.linkLead}</p>
      <QrCode text={link} label={f.qr} />
      <input
        className="input"
        readOnly
        value={link}
        aria-label={f.link.one}
        onFocus={({ target }) => target.select()}
      />
      <div className="row">
        <Button tone="primary" icon="link" onClick={() => void copy()}>
          {f.copy}
        </Button>
        {"share" in navigator && (
          <Button icon="out" onClick={() => void hand()}>
            {f.hand}
          </Button>
        )}
        <Button
          tone="ghost"
          icon="download"
          onClick={() => void act(async () => saveAs(await qrPicture(link), "qr.png"))}
        >
          {f.saveQr}
        </Button>
      </div>
    </div>
  );
}
