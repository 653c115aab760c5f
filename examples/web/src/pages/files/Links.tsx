import type { Share, StoredFile } from "@trackit/sdk";
import { useCallback, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { useAnswer } from "../../data/useAnswer.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Told } from "../../ui/States.tsx";
import { Sure } from "../../ui/Sure.tsx";
import { Events } from "./Events.tsx";
import { MadeLink } from "./MadeLink.tsx";
import { ShareDialog } from "./ShareDialog.tsx";
import { useFilesWords } from "./words.ts";

/** The links to a file: who has one can open it, until it ends. */
export function Links({ file }: { file: StoredFile }) {
  const { f } = useFilesWords();
  const { shares } = useClient();
  const [making, setMaking] = useState(false);
  const links = useAnswer(
    useCallback(
      (signal: AbortSignal) => shares.list({ fileId: file.id }, { signal }).toArray({ max: 200 }),
      [shares, file.id],
    ),
  );
  const alive = links.answer?.filter((share) => endOf(share) === null) ?? [];
  const over = links.answer?.filter((share) => endOf(share) !== null) ?? [];
  return (
    <section className="card stack" aria-label={f.links}>
      <div className="row spread">
        <h3>{f.links}</h3>
        <Button small icon="link" onClick={() => setMaking(true)}>
          {f.newLink}
        </Button>
      </div>
      <Told asked={links} />
      {links.answer && alive.length === 0 && <p className="quiet">{f.noLinks}</p>}
      {alive.length > 0 && (
        <ul className="links">
          {alive.map((link) => (
            <LinkLine key={link.id} share={link} onChange={links.reload} />
          ))}
        </ul>
      )}
      {over.length > 0 && (
        <details>
          <summary>{f.over(over.length)}</summary>
          <ul className="links">
            {over.map((link) => (
              <OverLine key={link.id} share={link} />
            ))}
          </ul>
        </details>
      )}
      <Events fileId={file.id} />
      {making && (
        <ShareDialog
          file={file}
          onClose={() => {
            setMaking(false);
            links.reload();
          }}
        />
      )}
    </section>
  );
}

/** Why a link opens nothing any more; null while it does. */
function endOf({
  downloads,
  expiresAt,
  maxDownloads,
  revokedAt,
}: Share): "revoked" | "expired" | "used" | null {
  if (revokedAt) return "revoked";
  if (expiresAt && new Date(expiresAt) <= new Date()) return "expired";
  return maxDownloads !== null && downloads >= maxDownloads ? "used" : null;
}

function useFacts(share: Share): string {
  const { f, format } = useFilesWords();
  const { downloads, expiresAt, maxDownloads, password } = share;
  const end = endOf(share);
  const facts = [
    end && f.ended[end],
    maxDownloads === null ? f.opened(downloads) : f.openedOf(downloads, maxDownloads),
    end ? f.madeAt(format.dateTime(share.createdAt)) : expiresAt && f.until(format.dateTime(expiresAt)),
    password && f.withPassword,
  ];
  return facts.filter(Boolean).join(" · ");
}

function OverLine({ share }: { share: Share }) {
  const facts = useFacts(share);
  return <li className="small quiet">{facts}</li>;
}

function LinkLine({ share, onChange }: { share: Share; onChange(): void }) {
  const { f, t } = useFilesWords();
  const { shares } = useClient();
  const act = useAction();
  const facts = useFacts(share);
  const [isSure, setSure] = useState(false);
  const [shown, setShown] = useState(false);
  const { link } = share;
  const revoke = async () => {
    if (await act(() => shares.revoke(share.id))) onChange();
  };
  return (
    <li className="stack">
      <div className="link-line">
        <span className="small">{facts}</span>
        {link && (
          <Button small tone="ghost" onClick={() => setShown(true)}>
            {f.showLink}
          </Button>
        )}
        <IconButton icon="close" label={f.revoke} danger onClick={() => setSure(true)} />
      </div>
      {isSure && (
        <Sure
          {...{ question: f.revokeSure, yes: f.revoke, no: t.app.cancel }}
          onYes={revoke}
          onNo={() => setSure(false)}
        />
      )}
      {shown && link && (
        <Dialog title={f.link.one} onClose={() => setShown(false)}>
          <MadeLink link={link} />
        </Dialog>
      )}
    </li>
  );
}
