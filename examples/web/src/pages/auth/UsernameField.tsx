import { isTrackItError } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useWords } from "../../i18n/language.tsx";
import { TextField } from "../../ui/Field.tsx";

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
