import type { Share, StoredFile } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Sure } from "../../ui/Sure.tsx";
import { CopyLink } from "./MadeLink.tsx";
import { ShareDialog } from "./ShareDialog.tsx";
import { useFilesWords } from "./words.ts";

/** The links to a file: who has one can open it, until it ends. */
export function Links({ file }: { file: StoredFile }) {
  const { f } = useFilesWords();
  const { shares } = useClient();
  const [links, setLinks] = useState<readonly Share[]>([]);
  const [making, setMaking] = useState(false);
  const load = useCallback(() => {
    // What is wrong with the network, the list says.
    shares
      .list({ fileId: file.id })
      .toArray({ max: 100 })
      .then(setLinks, () => undefined);
  }, [shares, file.id]);
  useEffect(load, [load]);
  return (
    <section className="card stack" aria-label={f.links}>
      <div className="row spread">
        <h3>{f.links}</h3>
        <Button small icon="link" onClick={() => setMaking(true)}>
          {f.newLink}
        </Button>
      </div>
      {links.length === 0 && <p className="quiet">{f.noLinks}</p>}
      <ul className="links">
        {links.map((link) => (
          <LinkLine key={link.id} share={link} onChange={load} />
        ))}
      </ul>
      {making && (
        <ShareDialog
          file={file}
          onClose={() => {
            setMaking(false);
            load();
          }}
        />
      )}
    </section>
  );
}

function LinkLine({ share, onChange }: { share: Share; onChange(): void }) {
  const { f, format, t } = useFilesWords();
  const { shares } = useClient();
  const act = useAction();
  const [isSure, setSure] = useState(false);
  const { downloads, expiresAt, link, maxDownloads, password, revokedAt } = share;
  const facts = [
    f.opened(downloads) + (maxDownloads === null ? "" : ` ${f.of(maxDownloads)}`),
    expiresAt && f.until(format.dateTime(expiresAt)),
    password && f.withPassword,
  ];
  const revoke = async () => {
    if (await act(() => shares.revoke(share.id))) onChange();
  };
  return (
    <li className="stack">
      <div className="row spread">
        <span className="small">{revokedAt ? f.revoked : facts.filter(Boolean).join(" · ")}</span>
        {!revokedAt && (
          <span className="row">
            {link && <CopyLink link={link} />}
            <IconButton icon="close" label={f.revoke} danger onClick={() => setSure(true)} />
          </span>
        )}
      </div>
      {isSure && !revokedAt && (
        <Sure
          {...{ question: f.revokeSure, yes: f.revoke, no: t.app.cancel }}
          onYes={revoke}
          onNo={() => setSure(false)}
        />
      )}
    </li>
  );
}
