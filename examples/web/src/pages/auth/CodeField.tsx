import { useWords } from "../../i18n/language.tsx";
import { TextField } from "../../ui/Field.tsx";

/** The digits from a mail, or from an authenticator. */
export function CodeField({ error, label }: { error: string | undefined; label?: string }) {
  const { t } = useWords();
  return (
    <TextField
      label={label ?? t.auth.code}
      name="code"
      className="input code"
      inputMode="numeric"
      autoComplete="one-time-code"
      required
      pattern="[0-9 ]{6,12}"
      maxLength={12}
      error={error}
    />
  );
}
