import { isTrackItError } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Link, navigate } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";

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
        {form.alert && (
          <p className="alert" role="alert">
            {form.alert}
          </p>
        )}
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

/** Says whether a username can be had as soon as the field is left. */
export function UsernameField({ error, current = "" }: { error: string | undefined; current?: string }) {
  const { t } = useWords();
  const client = useClient();
  const [answer, setAnswer] = useState<{ free: boolean; text: string } | null>(null);
  const check = async (username: string) => {
    if (username === "" || username === current) return setAnswer(null);
    try {
      const free = await client.profiles.usernameAvailable(username);
      setAnswer({ free, text: free ? t.auth.usernameFree : t.errors.CONFLICT_USERNAME_TAKEN });
    } catch (failure) {
      // Only a malformed name is worth a word here; anything else is told when the form is sent.
      const malformed = isTrackItError(failure, "USAGE_INVALID");
      setAnswer(malformed ? { free: false, text: t.invalid.username ?? failure.message } : null);
    }
  };
  return (
    <TextField
      label={t.auth.username}
      name="username"
      autoComplete="nickname"
      autoCapitalize="none"
      spellCheck={false}
      required
      maxLength={30}
      defaultValue={current}
      onBlur={(event) => void check(event.target.value.trim())}
      onChange={() => setAnswer(null)}
      error={error ?? (answer?.free === false ? answer.text : undefined)}
      hint={<span role="status">{answer?.free ? answer.text : t.auth.usernameHint}</span>}
    />
  );
}
