import { useEffect, useState } from "react";
import { useClient, useSession } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";

/** A new address; it counts once the mails to it are confirmed. */
export function EmailForm() {
  const { t } = useWords();
  const client = useClient();
  const say = useToast();
  const current = useSession()?.user.email ?? "";
  const [pending, setPending] = useState<string | null>(null);
  useEffect(() => {
    client.auth.user().then(
      (user) => setPending(user?.newEmail ?? null),
      () => undefined,
    );
  }, [client]);
  const form = useForm(async (data) => {
    const email = text(data, "email").trim();
    if (email === current) return;
    const user = await client.auth.updateEmail(email);
    setPending(user.newEmail);
    say(t.profile.emailSent(email));
  });
  return (
    <form className="stack" {...form.props}>
      <Alert text={form.alert} />
      {pending && <p className="notice">{t.profile.emailPending(pending)}</p>}
      <TextField
        label={t.auth.email}
        name="email"
        type="email"
        autoComplete="email"
        required
        defaultValue={current}
        error={form.errors.email}
      />
      <Button type="submit" busy={form.busy}>
        {t.profile.changeEmail}
      </Button>
    </form>
  );
}

/** A new password, against the current one. */
export function PasswordForm() {
  const { t } = useWords();
  const email = useSession()?.user.email ?? "";
  const client = useClient();
  const say = useToast();
  const form = useForm(async (data, element) => {
    await client.auth.updatePassword(text(data, "password"), {
      currentPassword: text(data, "currentPassword"),
    });
    element.reset();
    say(t.profile.passwordChanged);
  });
  return (
    <form className="stack" {...form.props}>
      <Alert text={form.alert} />
      {/* Tells password managers whose password this is. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordField
        label={t.profile.currentPassword}
        name="currentPassword"
        autoComplete="current-password"
        error={form.errors.currentPassword}
      />
      <PasswordField
        label={t.auth.newPassword}
        name="password"
        autoComplete="new-password"
        hint={t.auth.passwordHint}
        error={form.errors.password}
      />
      <Button type="submit" busy={form.busy}>
        {t.profile.changePassword}
      </Button>
    </form>
  );
}
