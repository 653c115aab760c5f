import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Link, useAddress } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";

/** Where "no more of these" in a mail leads. A button does it and not the visit: mail scanners open links as well. */
export function Unsubscribe() {
  const { t } = useWords();
  const client = useClient();
  const token = useAddress().searchParams.get("token");
  const [stopped, setStopped] = useState(false);
  const form = useForm(async () => {
    await client.mail.unsubscribe(token ?? "");
    setStopped(true);
  });
  if (!token) return <AuthLayout title={t.auth.linkBroken}>{null}</AuthLayout>;
  return (
    <AuthLayout title={t.mail.stopTitle} lead={t.mail.stopLead}>
      {stopped ? (
        <p role="status" className="notice">
          {t.mail.stopped}
        </p>
      ) : (
        <form {...form.props}>
          <Alert text={form.alert} />
          <Button type="submit" tone="primary" wide busy={form.busy}>
            {t.mail.stop}
          </Button>
        </form>
      )}
      <p className="auth-foot">
        <Link href="/profile">{t.nav.profile}</Link>
      </p>
    </AuthLayout>
  );
}
