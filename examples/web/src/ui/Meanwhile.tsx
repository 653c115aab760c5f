import { useWords } from "../i18n/language.tsx";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

/** In a form whose row has changed since it was begun: says so, and offers to look at both versions. */
export function Meanwhile({ show, onCompare }: { show: boolean; onCompare(): void }) {
  const { t } = useWords();
  return (
    <div role="status">
      {show && (
        <p className="row-notice">
          <Icon name="pen" size={16} />
          <span>{t.conflict.meanwhile}</span>
          <Button small tone="ghost" onClick={onCompare}>
            {t.conflict.compare}
          </Button>
        </p>
      )}
    </div>
  );
}
