import type { MailKind } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { Link, navigate, useAddress } from "../../app/router.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "./AuthLayout.tsx";
import { CodeField } from "./CodeField.tsx";
import { NewPassword } from "./NewPassword.tsx";

const kinds: readonly MailKind[] = ["signup", "recovery", "email_change", "invite", "magiclink"];

/** Where the links of mails lead: `/auth/confirm?token_hash=…&type=…`, or `?email=…` to type the code. */
export function Confirm() {
  const { t } = useWords();
  const { searchParams } = useAddress();
  const tokenHash = searchParams.get("token_hash");
  const email = searchParams.get("email");
  const kind = kinds.find((one) => one === searchParams.get("type"));
  if (tokenHash && (kind === "recovery" || kind === "invite"))
    return (
      <AuthLayout title={t.auth.recoverTitle} lead={t.auth.recoverLinkLead}>
        <NewPassword proof={{ tokenHash, kind }} />
      </AuthLayout>
    );
  if (tokenHash) return <ConfirmLink tokenHash={tokenHash} kind={kind ?? "signup"} />;
  if (email) return <ConfirmCode email={email} />;
  return (
    <AuthLayout title={t.auth.linkBroken}>
      <Link href="/sign-in">{t.auth.signIn}</Link>
    </AuthLayout>
  );
}

/** A button and not the page itself uses the link up: mail scanners open links before people do. */
function ConfirmLink({ tokenHash, kind }: { tokenHash: string; kind: MailKind }) {
  const { t } = useWords();
  const client = useClient();
  const say = useToast();
  const change = kind === "email_change";
  const form = useForm(async () => {
    // A change of address wants a word from both addresses: the first one ends without a session.
    const session = await client.auth.confirm({ tokenHash, kind });
    if (change) say(session ? t.auth.emailChanged : t.auth.emailHalf);
    else say(t.auth.confirmed);
    navigate("/tasks", { replace: true });
  });
  return (
    <AuthLayout title={t.auth.confirmTitle} lead={change ? t.auth.confirmEmailChange : t.auth.confirmLead}>
      <form {...form.props}>
        <Alert text={form.alert} />
        <Button type="submit" tone="primary" wide busy={form.busy}>
          {t.auth.confirm}
        </Button>
      </form>
      <p className="auth-foot">
        <Link href="/sign-in">{t.auth.signIn}</Link>
      </p>
    </AuthLayout>
  );
}

function ConfirmCode({ email }: { email: string }) {
  const { t } = useWords();
  const client = useClient();
  const say = useToast();
  const form = useForm(async (data) => {
    await client.auth.confirm({ email, code: text(data, "code").replace(/\s/g, ""), kind: "signup" });
    say(t.auth.confirmed);
    navigate("/tasks", { replace: true });
  });
  const resend = useForm(async () => {
    await client.auth.resend(email);
    say(t.auth.resent);
  });
  return (
    <AuthLayout title={t.auth.checkTitle} lead={t.auth.checkLead(email)}>
      <form {...form.props}>
        <Alert text={form.alert} />
        <CodeField error={form.errors.code} />
        <Button type="submit" tone="primary" wide busy={form.busy}>
          {t.auth.confirm}
        </Button>
      </form>
      <form {...resend.props}>
        <Alert text={resend.alert} />
        <p className="auth-foot">
          <Button type="submit" tone="ghost" small icon="mail" busy={resend.busy}>
            {t.auth.resend}
          </Button>
          <Link href="/sign-in">{t.auth.signIn}</Link>
        </p>
      </form>
    </AuthLayout>
  );
}
