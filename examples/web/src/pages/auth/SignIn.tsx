import type { Remember } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Link } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";
import { RememberChoice } from "./RememberChoice.tsx";

/** Sign in, with the choice of where the session is kept; a page that needs it first says so in its own words. */
export function SignIn({ title, lead }: { title?: string; lead?: string }) {
  const { t } = useWords();
  const client = useClient();
  const [email, setEmail] = useState("");
  const [remember, setRemember] = useState<Remember>("device");
  const form = useForm(async (data) => {
    await client.auth.signIn({ email: email.trim(), password: text(data, "password"), remember });
  });
  return (
    <AuthLayout title={title ?? t.auth.signInTitle} {...(lead ? { lead } : {})}>
      <form {...form.props}>
        <Alert text={form.alert} />
        {form.code === "AUTH_EMAIL_UNCONFIRMED" && (
          <Link href={`/auth/confirm?email=${encodeURIComponent(email.trim())}`}>{t.auth.goConfirm}</Link>
        )}
        <TextField
          label={t.auth.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={form.errors.email}
        />
        <PasswordField
          label={t.auth.password}
          name="password"
          autoComplete="current-password"
          error={form.errors.password}
        />
        <RememberChoice value={remember} onChange={setRemember} />
        <Button type="submit" tone="primary" wide busy={form.busy}>
          {t.auth.signIn}
        </Button>
      </form>
      <p className="auth-foot">
        <Link href="/forgot">{t.auth.forgot}</Link>
        <span className="quiet">
          {t.auth.noAccount} <Link href="/register">{t.auth.register}</Link>
        </span>
      </p>
    </AuthLayout>
  );
}
