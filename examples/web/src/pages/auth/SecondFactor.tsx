import { useClient } from "../../app/client.tsx";
import { useSignOut } from "../../app/sync/SignOut.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";
import { CodeField } from "./CodeField.tsx";

/** The second half of a sign-in, for accounts with an authenticator. */
export function SecondFactor() {
  const { t } = useWords();
  const client = useClient();
  const signOut = useSignOut();
  const form = useForm(async (data) => {
    await client.auth.totp.challenge(text(data, "code").replace(/\s/g, ""));
  });
  return (
    <AuthLayout title={t.auth.signInTitle}>
      <form {...form.props}>
        <Alert text={form.alert} />
        <CodeField label={t.auth.secondFactor} error={form.errors.code} />
        <Button type="submit" tone="primary" wide busy={form.busy}>
          {t.auth.signIn}
        </Button>
      </form>
      <Button tone="ghost" onClick={() => signOut()}>
        {t.auth.signOut}
      </Button>
    </AuthLayout>
  );
}
