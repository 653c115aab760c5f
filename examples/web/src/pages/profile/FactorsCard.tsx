import type { Factor, TotpEnrolment } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { CodeField } from "../auth/CodeField.tsx";

/** The second factor: authenticator apps that are asked for a code besides the password. */
export function FactorsCard() {
  const { t } = useWords();
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const [factors, setFactors] = useState<Factor[]>([]);
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null>(null);
  const load = useCallback(() => {
    // An enrolment that was never proved protects nothing: only proved ones are shown.
    const show = (all: Factor[]) => setFactors(all.filter((factor) => factor.verified));
    client.auth.totp.list().then(show, () => undefined);
  }, [client]);
  useEffect(load, [load]);
  const enrol = () => act(async () => setEnrolment(await client.auth.totp.enrol()));
  const remove = async (factor: Factor) => {
    if (await act(() => client.auth.totp.remove(factor.id))) say(t.profile.factorRemoved);
    load();
  };
  const added = () => {
    setEnrolment(null);
    say(t.profile.factorAdded);
    load();
  };
  return (
    <section className="card stack" aria-label={t.profile.factors}>
      <h2>{t.profile.factors}</h2>
      <p className="quiet">{t.profile.factorsLead}</p>
      {factors.length > 0 && (
        <ul>
          {factors.map((factor) => (
            <FactorLine key={factor.id} factor={factor} onRemove={() => void remove(factor)} />
          ))}
        </ul>
      )}
      {enrolment ? (
        <Enrolment enrolment={enrolment} onAdded={added} onCancel={() => setEnrolment(null)} />
      ) : (
        <Button onClick={() => void enrol()}>{t.profile.addFactor}</Button>
      )}
    </section>
  );
}

function FactorLine({ factor, onRemove }: { factor: Factor; onRemove(): void }) {
  const { t, format } = useWords();
  return (
    <li className="session">
      <Icon name="device" />
      <div>
        <p>{factor.name || t.profile.factor}</p>
        <p className="hint">{t.profile.since(format.date(factor.createdAt))}</p>
      </div>
      <Button small onClick={onRemove}>
        {t.app.delete}
      </Button>
    </li>
  );
}

interface EnrolmentProps {
  enrolment: TotpEnrolment;
  onAdded(): void;
  onCancel(): void;
}

/** The secret, shown once, and the first code that proves that the app has it. */
function Enrolment({ enrolment, onAdded, onCancel }: EnrolmentProps) {
  const { t } = useWords();
  const client = useClient();
  const form = useForm(async (data) => {
    await client.auth.totp.verify(enrolment.factorId, text(data, "code").replace(/\s/g, ""));
    onAdded();
  });
  return (
    <form className="stack" {...form.props}>
      <Alert text={form.alert} />
      <p>{t.profile.factorScan}</p>
      <img className="qr" src={enrolment.qrCode} alt={t.profile.factorQr} width="200" height="200" />
      <p className="secret-key">{enrolment.secret.replace(/(.{4})(?=.)/g, "$1 ")}</p>
      <CodeField label={t.auth.secondFactor} error={form.errors.code} />
      <div className="row">
        <Button type="submit" tone="primary" busy={form.busy}>
          {t.auth.confirm}
        </Button>
        <Button tone="ghost" onClick={onCancel}>
          {t.app.cancel}
        </Button>
      </div>
    </form>
  );
}
