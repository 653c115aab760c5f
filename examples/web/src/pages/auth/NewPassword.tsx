import type { MailProof } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { navigate } from "../../app/router.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { PasswordField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { CodeField } from "./CodeField.tsx";

/** Sets a new password with the proof of a mail: the token of its link, or the address and the code typed here. */
export function NewPassword({ proof }: { proof: MailProof | { email: string } }) {
  const { t } = useWords();
  const client = useClient();
  const say = useToast();
  const typed = !("tokenHash" in proof) && !("code" in proof);
  const form = useForm(async (data) => {
    const code = text(data, "code").replace(/\s/g, "");
    const given: MailProof = typed ? { email: proof.email, code, kind: "recovery" } : proof;
    await client.auth.resetPassword({ ...given, password: text(data, "password") });
    say(t.auth.passwordSet);
    navigate("/tasks", { replace: true });
  });
  return (
    <form {...form.props}>
      <Alert text={form.alert} />
      {form.errors.code && !typed && (
        <p className="alert" role="alert">
          {form.errors.code}
        </p>
      )}
      {typed && <CodeField error={form.errors.code} />}
      <PasswordField
        label={t.auth.newPassword}
        name="password"
        autoComplete="new-password"
        hint={t.auth.passwordHint}
        error={form.errors.password}
      />
      <Button type="submit" tone="primary" wide busy={form.busy}>
        {t.auth.setPassword}
      </Button>
    </form>
  );
}
