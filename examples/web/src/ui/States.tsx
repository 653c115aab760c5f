import { isTrackItError } from "@trackit/sdk";
import { type ReactNode, useEffect } from "react";
import { heed } from "../app/ended.ts";
import { useOnline } from "../app/online.tsx";
import type { Asked } from "../data/useAnswer.ts";
import { describeFailure } from "../i18n/failure.ts";
import { useWords } from "../i18n/language.tsx";
import { Button } from "./Button.tsx";
import { Icon, type IconName } from "./Icon.tsx";

/** What a page shows where there is nothing yet. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} size={36} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What the second pane says while nothing is chosen. */
export function Aside({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <div className="empty aside">
      <Icon name={icon} size={32} />
      <p>{children}</p>
    </div>
  );
}

/** Grey shapes in the place of rows that are on their way. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = useWords();
  return (
    <div className="stack" role="status" aria-label={t.app.loading}>
      {Array.from({ length: rows }, (_, index) => `row-${index}`).map((key) => (
        <div className="skeleton" key={key} />
      ))}
    </div>
  );
}

/** What went wrong while loading, and the way to ask again. */
export function Failed({ error, retry }: { error: unknown; retry(): void }) {
  const { t } = useWords();
  useEffect(() => heed(error), [error]);
  const offline = isTrackItError(error, "NETWORK_OFFLINE");
  return (
    <div className="empty" role="alert">
      <Icon name={offline ? "cloud" : "warning"} size={36} />
      <h2>{offline ? t.network.notHere : t.network.failed}</h2>
      <p>{offline ? t.network.notHereLead : describeFailure(error, t).text}</p>
      <Button onClick={retry}>{t.app.retry}</Button>
    </div>
  );
}

/** In a card: that its content is on its way, or why it is not there. */
export function Told({ asked: { answer, error, reload } }: { asked: Asked<unknown> }) {
  const { t } = useWords();
  if (error !== null)
    return (
      <div className="row spread" role="alert">
        <p className="small quiet">{describeFailure(error, t).text}</p>
        <Button small tone="ghost" onClick={reload}>
          {t.app.retry}
        </Button>
      </div>
    );
  return answer === null ? <Loading rows={1} /> : null;
}

/** Below rows that could not be read anew: they stay, and it is said that they may be old. */
export function Stale({ list: { error, reload } }: { list: { error: unknown; reload(): void } }) {
  const { t } = useWords();
  useEffect(() => {
    if (error !== null) heed(error);
  }, [error]);
  const online = useOnline();
  if (error === null) return null;
  return (
    <p className="stale">
      <span>{t.network.stale}</span>
      {online && (
        <Button small tone="ghost" onClick={reload}>
          {t.app.retry}
        </Button>
      )}
    </p>
  );
}

/** How far something is, as a bar with its share in words for readers. */
export function Progress({ share, label }: { share: number; label: string }) {
  return (
    <div
      className="bar"
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div style={{ "--share": share }} />
    </div>
  );
}
