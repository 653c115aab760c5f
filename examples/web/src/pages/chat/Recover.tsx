import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { handWritten } from "./NewRoomDialog.tsx";
import { useChatWords } from "./words.ts";

/** Comes back with the recovery code where no other device is left. A wrong one changes nothing. */
export function Recover({ onReady }: { onReady(): void }) {
  const { c } = useChatWords();
  const { recovery } = useClient();
  const say = useToast();
  const [revokeOthers, setRevoke] = useState(true);
  const form = useForm(async (data) => {
    const { opened, backup } = await recovery.use(text(data, "code"), { revokeOthers });
    say(backup ? c.recovered(opened) : c.recoveredEmpty, { stays: true });
    onReady();
  });
  const isMistyped = form.code === "USAGE_INVALID";
  const error = isMistyped ? c.codeWrong : form.errors.code;
  return (
    <form className="stack" {...form.props}>
      <h3>{c.recoverTitle}</h3>
      <Alert text={isMistyped ? null : form.alert} />
      <Field label={c.recoverCode} name="code" error={error}>
        {(control) => <textarea className="input" rows={3} required {...handWritten} {...control} />}
      </Field>
      <label className="row">
        <input type="checkbox" checked={revokeOthers} onChange={(event) => setRevoke(event.target.checked)} />
        {c.recoverOthers}
      </label>
      <div className="row">
        <Button type="submit" busy={form.busy}>
          {c.recoverUse}
        </Button>
      </div>
    </form>
  );
}
