import { Link, useAddress } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { AuthLayout } from "./AuthLayout.tsx";
import { NewPassword } from "./NewPassword.tsx";

/** The new password, with the code typed from the recovery mail. */
export function Recover() {
  const { t } = useWords();
  const email = useAddress().searchParams.get("email") ?? "";
  return (
    <AuthLayout title={t.auth.recoverTitle} lead={t.auth.recoverLead(email)}>
      <NewPassword proof={{ email }} />
      <p className="auth-foot">
        <Link href="/forgot">{t.auth.resend}</Link>
        <Link href="/sign-in">{t.auth.signIn}</Link>
      </p>
    </AuthLayout>
  );
}
