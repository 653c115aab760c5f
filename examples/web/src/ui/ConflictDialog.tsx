import type { Difference } from "../data/useVersions.ts";
import { useWords } from "../i18n/language.tsx";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";

interface ConflictDialogProps {
  rows: readonly Difference[];
  keepMine(): void;
  takeTheirs(): void;
  decideLater(): void;
}

/** Two versions of the same thing side by side; the reader decides, nothing is lost unseen. */
export function ConflictDialog({ rows, keepMine, takeTheirs, decideLater }: ConflictDialogProps) {
  const { t } = useWords();
  return (
    <Dialog title={t.conflict.title} onClose={decideLater}>
      <div className="stack">
        <p className="quiet">{t.conflict.lead}</p>
        <table className="versions">
          <thead>
            <tr>
              <th scope="col">{t.conflict.field}</th>
              <th scope="col">{t.conflict.mine}</th>
              <th scope="col">{t.conflict.theirs}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>{row.mine || <i className="quiet">{t.conflict.empty}</i>}</td>
                <td>{row.theirs || <i className="quiet">{t.conflict.empty}</i>}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div className="row">
          <Button tone="primary" onClick={keepMine}>
            {t.conflict.keepMine}
          </Button>
          <Button onClick={takeTheirs}>{t.conflict.takeTheirs}</Button>
        </div>
      </div>
    </Dialog>
  );
}
