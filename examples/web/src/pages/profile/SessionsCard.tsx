import type { SessionInfo } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useReturn } from "../../app/online.tsx";
import { useSignOut } from "../../app/sync/SignOut.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Failed, Loading } from "../../ui/States.tsx";
import { deviceName } from "./deviceName.ts";

/** Where one is signed in, and the ways out: here, elsewhere, everywhere. */
export function SessionsCard() {
  const { t } = useWords();
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const [sessions, setSessions] = useState<SessionInfo[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    client.auth.sessions.list().then(setSessions, setError);
  }, [client]);
  useEffect(load, [load]);
  useReturn(load);
  const end = async (call: () => Promise<void>, said: string) => {
    if (await act(call)) {
      say(said);
      load();
    }
  };
  const endOne = (id: string) => end(() => client.auth.sessions.revoke(id), t.profile.revoked);
  const endOthers = () => end(() => client.auth.signOut({ scope: "others" }), t.profile.othersOut);
  return (
    <section className="card stack" aria-label={t.profile.sessions}>
      <h2>{t.profile.sessions}</h2>
      {error !== null && !sessions && <Failed error={error} retry={load} />}
      {error === null && !sessions && <Loading rows={2} />}
      <ul className="sessions">
        {sessions?.map((session) => (
          <SessionLine key={session.id} session={session} onEnd={() => void endOne(session.id)} />
        ))}
      </ul>
      <WaysOut endOthers={() => void endOthers()} />
    </section>
  );
}

function WaysOut({ endOthers }: { endOthers(): void }) {
  const { t } = useWords();
  const signOut = useSignOut();
  return (
    <div className="row">
      <Button small onClick={() => signOut()}>
        {t.profile.signOutHere}
      </Button>
      <Button small onClick={endOthers}>
        {t.profile.signOutOthers}
      </Button>
      <Button small tone="ghost danger" onClick={() => signOut("everywhere")}>
        {t.profile.signOutEverywhere}
      </Button>
    </div>
  );
}

function SessionLine({ session, onEnd }: { session: SessionInfo; onEnd(): void }) {
  const { t, format } = useWords();
  const at = session.lastUsedAt;
  return (
    <li className="session">
      <Icon name="device" />
      <div>
        <p>{deviceName(session.userAgent) ?? t.profile.unknownDevice}</p>
        <p className="hint">
          {session.current && <strong>{t.profile.thisSession} · </strong>}
          {at ? t.profile.lastUsed(format.dateTime(at)) : t.profile.since(format.dateTime(session.createdAt))}
        </p>
      </div>
      {!session.current && (
        <Button small onClick={onEnd}>
          {t.profile.revoke}
        </Button>
      )}
    </li>
  );
}
