import { useMark } from "../../data/outbox.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useChangesDialog } from "./ChangesDialog.tsx";
import "./sync.css";

/** On a row whose changes the server does not have: a quiet sign, or the way to decide where it has refused them. */
export function RowMark({ id }: { id: string }) {
  const { t } = useWords();
  const mark = useMark(id);
  const open = useChangesDialog();
  if (mark === null) return null;
  if (mark === "waiting")
    return (
      <span className="row-mark" title={t.sync.rowWaiting}>
        <Icon name="clock" size={16} />
        <span className="hidden">{t.sync.rowWaiting}</span>
      </span>
    );
  return (
    <button type="button" className="row-mark refused" title={t.sync.rowRefused} onClick={open}>
      <Icon name="warning" size={18} />
      <span className="hidden">{t.sync.rowRefused}</span>
    </button>
  );
}

/** The same for one thing that is open, as a line of its own. */
export function RowNotice({ id }: { id: string }) {
  const { t } = useWords();
  const mark = useMark(id);
  const open = useChangesDialog();
  if (mark === null) return null;
  return (
    <p className={mark === "failed" ? "row-notice refused" : "row-notice"}>
      <Icon name={mark === "failed" ? "warning" : "clock"} size={16} />
      <span>{mark === "failed" ? t.sync.refusedNotice : t.sync.waitingNotice}</span>
      {mark === "failed" && (
        <Button small tone="ghost danger" onClick={open}>
          {t.sync.decide}
        </Button>
      )}
    </p>
  );
}
