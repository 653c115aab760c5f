import type { FailedWrite, PendingWrite } from "@trackit/sdk";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { useWaiting } from "../../data/outbox.tsx";
import { describeFailure } from "../../i18n/failure.ts";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useLinkState } from "../online.tsx";
import { Refused } from "./Refused.tsx";

const Context = createContext<() => void>(() => {});

/** Opens the list of what waits on this device. */
export function useChangesDialog(): () => void {
  return useContext(Context);
}

/** One dialog for the whole app: it is reached from the status and from every row that was refused. */
export function ChangesDialogProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const show = useCallback(() => setOpen(true), []);
  return (
    <Context value={show}>
      {children}
      {open && <ChangesDialog onClose={() => setOpen(false)} />}
    </Context>
  );
}

function ChangesDialog({ onClose }: { onClose(): void }) {
  const { t } = useWords();
  const link = useLinkState();
  const { pending, failed, error } = useWaiting();
  const leads = {
    online: t.sync.onlineLead,
    connecting: t.sync.connectingLead,
    offline: t.sync.offlineLead,
  };
  return (
    <Dialog title={t.sync.title} onClose={onClose}>
      <div className="stack">
        {error === null ? (
          <p className="quiet">{leads[link]}</p>
        ) : (
          <Alert text={describeFailure(error, t).text} />
        )}
        {failed.length > 0 && <RefusedChanges writes={failed} />}
        {pending.length > 0 && <WaitingChanges writes={pending} />}
        {pending.length + failed.length === 0 && <p>{t.sync.nothing}</p>}
      </div>
    </Dialog>
  );
}

function RefusedChanges({ writes }: { writes: readonly FailedWrite[] }) {
  const { t } = useWords();
  return (
    <section className="stack changes" aria-label={t.sync.refusedTitle}>
      <h3>{t.sync.refusedTitle}</h3>
      <ul className="stack">
        {writes.map((write) => (
          <Refused key={write.id} write={write} />
        ))}
      </ul>
    </section>
  );
}

function WaitingChanges({ writes }: { writes: readonly PendingWrite[] }) {
  const { t, format } = useWords();
  return (
    <section className="stack changes" aria-label={t.sync.waitingTitle}>
      <h3>{t.sync.waitingTitle}</h3>
      <ul>
        {writes.map((write) => (
          <li key={write.id} className="change">
            <Icon name="clock" size={18} />
            <div>
              <p className="change-title">{write.rows[0]?.title}</p>
              <p className="hint">
                {t.sync.actions[write.action] ?? write.action} · {format.time(write.since)}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
