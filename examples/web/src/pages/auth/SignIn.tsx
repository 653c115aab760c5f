import type { Remember } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Link } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Choices } from "../../ui/Choices.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";

/** Sign in, with the choice of where the session is kept. */
export function SignIn() {
  const { t } = useWords();
  const client = useClient();
  const [email, setEmail] = useState("");
  const [remember, setRemember] = useState<Remember>("device");
  const form = useForm(async (data) => {
    await client.auth.signIn({ email: email.trim(), password: text(data, "password"), remember });
  });
  return (
    <AuthLayout title={t.auth.signInTitle}>
      <form {...form.props}>
        {form.alert && (
          <p className="alert" role="alert">
            {form.alert}
          </p>
        )}
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

/** Where the session is kept: on the device, in the tab, or nowhere. */
export function RememberChoice({ value, onChange }: { value: Remember; onChange(value: Remember): void }) {
  const { t } = useWords();
  const options: { value: Remember; label: string }[] = [
    { value: "device", label: t.auth.rememberDevice },
    { value: "tab", label: t.auth.rememberTab },
    { value: "never", label: t.auth.rememberNever },
  ];
  return (
    <Choices legend={t.auth.remember} name="remember" options={options} value={value} onChange={onChange} />
  );
}
