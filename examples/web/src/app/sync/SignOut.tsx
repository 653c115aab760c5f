import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { useWaiting } from "../../data/outbox.tsx";
import { useAction } from "../../data/useAction.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { sweepDisk } from "../../ui/onDisk.ts";
import { useClient } from "../client.tsx";
import { navigate } from "../router.tsx";
import { useToast } from "../toasts.tsx";

export type SignOutScope = "here" | "everywhere";

const Context = createContext<(scope: SignOutScope) => void>(() => {});

/** Signs out; where changes wait on this device, asks first what becomes of them. */
export function useSignOut(): (scope?: SignOutScope) => void {
  const signOut = useContext(Context);
  return (scope = "here") => signOut(scope);
}

export function SignOutProvider({ children }: { children: ReactNode }) {
  const leave = useLeave();
  const { pending, failed } = useWaiting();
  const [asked, setAsked] = useState<SignOutScope | null>(null);
  const waiting = pending.length + failed.length;
  const ask = useCallback(
    (scope: SignOutScope) => (waiting > 0 ? setAsked(scope) : void leave(scope, "keep")),
    [waiting, leave],
  );
  const decide = (scope: SignOutScope, local: "keep" | "wipe") => {
    setAsked(null);
    void leave(scope, local);
  };
  return (
    <Context value={ask}>
      {children}
      {asked && (
        <KeepOrWipe
          waiting={waiting}
          decide={(local) => decide(asked, local)}
          onClose={() => setAsked(null)}
        />
      )}
    </Context>
  );
}

function useLeave(): (scope: SignOutScope, local: "keep" | "wipe") => Promise<void> {
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const { t } = useWords();
  return useCallback(
    async (scope, local) => {
      const leaving = () => client.auth.signOut({ scope, local });
      // Where the server cannot be told, the session is gone from this browser, and from no other.
      if (scope === "here") await leaving().catch(() => undefined);
      else if (!(await act(leaving))) return;
      void sweepDisk(0);
      navigate("/sign-in", { replace: true });
      say(t.auth.signedOut);
    },
    [client, act, say, t],
  );
}

interface KeepOrWipeProps {
  waiting: number;
  decide(local: "keep" | "wipe"): void;
  onClose(): void;
}

function KeepOrWipe({ waiting, decide, onClose }: KeepOrWipeProps) {
  const { t } = useWords();
  return (
    <Dialog title={t.sync.signOutTitle} onClose={onClose}>
      <div className="stack">
        <p>{t.sync.signOutLead(waiting)}</p>
        <div className="row">
          <Button tone="primary" onClick={() => decide("keep")}>
            {t.sync.signOutKeep}
          </Button>
          <Button tone="ghost danger" onClick={() => decide("wipe")}>
            {t.sync.signOutWipe}
          </Button>
          <Button tone="ghost" onClick={onClose}>
            {t.app.cancel}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
