import { useClient } from "../../app/client.tsx";
import { Link, navigate } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";
import { UsernameField } from "./UsernameField.tsx";

/** A new account; the mail that confirms it decides whether it comes to life. */
export function Register() {
  const { t, language } = useWords();
  const client = useClient();
  const form = useForm(async (data) => {
    const email = text(data, "email").trim();
    const { session } = await client.auth.signUp({
      email,
      password: text(data, "password"),
      username: text(data, "username").trim(),
      displayName: text(data, "displayName").trim() || undefined,
      locale: language,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    if (!session) navigate(`/auth/confirm?email=${encodeURIComponent(email)}`);
  });
  return (
    <AuthLayout title={t.auth.registerTitle}>
      <form {...form.props}>
        <Alert text={form.alert} />
        <TextField
          label={t.auth.displayName}
          name="displayName"
          autoComplete="name"
          maxLength={80}
          optional
          error={form.errors.displayName}
        />
        <UsernameField error={form.errors.username} />
        <TextField
          label={t.auth.email}
          name="email"
          type="email"
          autoComplete="email"
          required
          error={form.errors.email}
        />
        <PasswordField
          label={t.auth.password}
          name="password"
          autoComplete="new-password"
          hint={t.auth.passwordHint}
          error={form.errors.password}
        />
        <Button type="submit" tone="primary" wide busy={form.busy}>
          {t.auth.register}
        </Button>
      </form>
      <p className="auth-foot">
        <span className="quiet">
          {t.auth.haveAccount} <Link href="/sign-in">{t.auth.signIn}</Link>
        </span>
      </p>
    </AuthLayout>
  );
}
