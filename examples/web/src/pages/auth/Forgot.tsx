import { useClient } from "../../app/client.tsx";
import { Link, navigate } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";

/** Asks for a recovery mail; the page answers alike whether or not the address has an account. */
export function Forgot() {
  const { t } = useWords();
  const client = useClient();
  const form = useForm(async (data) => {
    const email = text(data, "email").trim();
    await client.auth.recover(email);
    navigate(`/recover?email=${encodeURIComponent(email)}`);
  });
  return (
    <AuthLayout title={t.auth.forgotTitle} lead={t.auth.forgotLead}>
      <form {...form.props}>
        <Alert text={form.alert} />
        <TextField
          label={t.auth.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          error={form.errors.email}
        />
        <Button type="submit" tone="primary" wide busy={form.busy}>
          {t.auth.sendMail}
        </Button>
      </form>
      <p className="auth-foot">
        <Link href="/sign-in">{t.auth.signIn}</Link>
      </p>
    </AuthLayout>
  );
}
