import type { Profile } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useReturn } from "../../app/online.tsx";
import { Switches } from "../../app/Switches.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Failed, Loading, Stale } from "../../ui/States.tsx";
import { AboutForm } from "./AboutForm.tsx";
import { DataCard } from "./DataCard.tsx";
import { FactorsCard } from "./FactorsCard.tsx";
import { LimitsCard } from "./LimitsCard.tsx";
import { MailCard } from "./MailCard.tsx";
import { EmailForm, PasswordForm } from "./SecurityForms.tsx";
import { SessionsCard } from "./SessionsCard.tsx";
import "./profile.css";

/** The account: who one is, how one signs in, where one is signed in, and one's data. */
export default function ProfilePage() {
  const { t } = useWords();
  const client = useClient();
  const [profile, setProfile] = useState<Profile | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    client.profiles.me().then(setProfile, setError);
  }, [client]);
  useEffect(load, [load]);
  useReturn(load);
  return (
    <section className="page profile" aria-label={t.profile.title}>
      <div className="page-head">
        <h1>{t.profile.title}</h1>
        <Switches />
      </div>
      {error !== null && !profile && <Failed error={error} retry={load} />}
      {error === null && !profile && <Loading />}
      {error !== null && !profile && <SessionsCard />}
      {profile && (
        <div className="stack cards">
          <Stale list={{ error, reload: load }} />
          <AboutForm profile={profile} onSaved={setProfile} />
          <section className="card stack" aria-label={t.profile.security}>
            <h2>{t.profile.security}</h2>
            <EmailForm />
            <PasswordForm />
          </section>
          <FactorsCard />
          <SessionsCard />
          <MailCard />
          <DataCard />
          <LimitsCard />
        </div>
      )}
    </section>
  );
}
