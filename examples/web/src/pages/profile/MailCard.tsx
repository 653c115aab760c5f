import type { MailPreference } from "@trackit/sdk";
import { useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { useWords } from "../../i18n/language.tsx";

/** Which mail one takes; absent where the server does not say. */
export function MailCard() {
  const { t } = useWords();
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const [preferences, setPreferences] = useState<MailPreference[]>([]);
  useEffect(() => {
    client.mail.preferences().then(setPreferences, () => undefined);
  }, [client]);
  const set = async (kind: string, wanted: boolean) => {
    const show = (now: boolean) =>
      setPreferences((all) => all.map((one) => (one.kind === kind ? { kind, wanted: now } : one)));
    show(wanted);
    if (await act(() => client.mail.setPreference(kind, wanted))) say(t.mail.saved);
    else show(!wanted);
  };
  if (preferences.length === 0) return null;
  return (
    <section className="card stack" aria-label={t.mail.title}>
      <h2>{t.mail.title}</h2>
      <p className="quiet">{t.mail.lead}</p>
      {preferences.map(({ kind, wanted }) => (
        <label key={kind} className="row">
          <input
            type="checkbox"
            checked={wanted}
            onChange={(event) => void set(kind, event.target.checked)}
          />
          <span>{t.mail.kinds[kind] ?? kind}</span>
        </label>
      ))}
    </section>
  );
}
