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
  const { c, t } = useChatWords();
  const { recovery } = useClient();
  const say = useToast();
  const [revokeOthers, setRevoke] = useState(true);
  const [left, setLeft] = useState<{ code: string; rooms: number } | null>(null);
  const use = async (code: string) => {
    const { backup, failed, opened } = await recovery.use(code, { revokeOthers });
    say(backup ? c.recovered(opened) : c.recoveredEmpty, { stays: true });
    // Where one is in no more, another try opens nothing either.
    const rooms = failed.filter((one) => one.code !== "ACCESS_NOT_FOUND").length;
    if (rooms === 0) return onReady();
    setLeft({ code, rooms });
  };
  const form = useForm((data) => use(left?.code ?? text(data, "code")));
  const isMistyped = form.code === "USAGE_INVALID";
  const error = isMistyped ? c.codeWrong : form.errors.code;
  if (left)
    return (
      <form className="stack" {...form.props}>
        <h3>{c.recoverTitle}</h3>
        <Alert text={form.alert} />
        <p role="status">{c.recoverLeft(left.rooms)}</p>
        <div className="row">
          <Button type="submit" tone="primary" busy={form.busy}>
            {t.app.retry}
          </Button>
          <Button tone="ghost" onClick={onReady}>
            {c.recoverGoOn}
          </Button>
        </div>
      </form>
    );
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
