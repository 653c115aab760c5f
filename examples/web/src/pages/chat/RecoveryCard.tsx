import type { NewRecoveryCode, RecoveryStatus } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { handWritten } from "./NewRoomDialog.tsx";
import { useChatWords } from "./words.ts";

/** The code that brings the account back when every device was lost: whether there is one, and a new one. */
export function RecoveryCard() {
  const { c, format } = useChatWords();
  const { recovery } = useClient();
  const act = useAction();
  const [status, setStatus] = useState<RecoveryStatus | null>(null);
  const [made, setMade] = useState<NewRecoveryCode | null>(null);
  const [busy, setBusy] = useState(false);
  const load = useCallback(() => {
    recovery.status().then(setStatus, heed);
  }, [recovery]);
  useEffect(load, [load]);
  const create = async () => {
    setBusy(true);
    await act(async () => setMade(await recovery.create()));
    setBusy(false);
  };
  const done = () => {
    setMade(null);
    load();
  };
  return (
    <section className="stack" aria-label={c.recovery}>
      <h3>{c.recovery}</h3>
      <p className="quiet">{status ? c.recoveryStates[status.state] : c.recoveryLead}</p>
      {status?.backedUpAt && <p className="hint">{c.backedUp(format.dateTime(status.backedUpAt))}</p>}
      {status && status.omitted > 0 && <p className="hint">{c.recoveryOmitted(status.omitted)}</p>}
      {made ? (
        <NewCode made={made} onDone={done} />
      ) : (
        <div className="row">
          <Button small busy={busy} onClick={() => void create()}>
            {status?.state === "none" ? c.recoveryMake : c.recoveryRenew}
          </Button>
        </div>
      )}
    </section>
  );
}

/** A new code is shown once: one of its groups, typed again, shows that it was written down. */
function NewCode({ made: { code, ask }, onDone }: { made: NewRecoveryCode; onDone(): void }) {
  const { c } = useChatWords();
  const { recovery } = useClient();
  const say = useToast();
  const [isWritten, setWritten] = useState(false);
  const [isWrong, setWrong] = useState(false);
  const form = useForm(async (data) => {
    const isRight = await recovery.confirm(text(data, "group").trim());
    setWrong(!isRight);
    if (!isRight) return;
    say(c.recoveryReady);
    onDone();
  });
  if (!isWritten)
    return (
      <div className="notice stack">
        <p>{c.recoveryWrite}</p>
        <p className="digits code">{code}</p>
        <div className="row">
          <Button small tone="primary" onClick={() => setWritten(true)}>
            {c.recoveryWritten}
          </Button>
        </div>
      </div>
    );
  return (
    <form className="joined" {...form.props}>
      <TextField
        {...{ label: c.recoveryGroup(ask), name: "group", maxLength: 4 }}
        error={isWrong ? c.recoveryWrong : (form.alert ?? form.errors.group)}
        {...handWritten}
        required
      />
      <Button type="submit" busy={form.busy}>
        {c.recoveryConfirm}
      </Button>
      <Button tone="ghost" onClick={() => setWritten(false)}>
        {c.recoveryAgain}
      </Button>
    </form>
  );
}
