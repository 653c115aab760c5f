import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Approval } from "./Approval.tsx";
import { Recover } from "./Recover.tsx";
import { Sure } from "./Sure.tsx";
import { useChatWords } from "./words.ts";
import "./chat.css";

/** What a device is shown that the account does not have yet: let in by another, back with the code, or anew. */
export function NewDevice({ onReady }: { onReady(): void }) {
  const { c } = useChatWords();
  return (
    <div className="stack">
      <section className="card stack" aria-label={c.newDevice}>
        <h2>{c.newDevice}</h2>
        <p>{c.newDeviceLead}</p>
        <Approval onReady={onReady} />
      </section>
      <section className="card" aria-label={c.recoverTitle}>
        <Recover onReady={onReady} />
      </section>
      <section className="card stack" aria-label={c.startOver}>
        <StartOver onReady={onReady} />
      </section>
    </div>
  );
}

function StartOver({ onReady }: { onReady(): void }) {
  const { c } = useChatWords();
  const { devices } = useClient();
  const act = useAction();
  const say = useToast();
  const [asked, setAsked] = useState(false);
  const begin = async () => {
    if (!(await act(() => devices.startOver({ confirm: true })))) return;
    say(c.started);
    onReady();
  };
  if (asked)
    return (
      <Sure question={c.startOverLead} yes={c.startOverSure} onYes={begin} onNo={() => setAsked(false)} />
    );
  return (
    <>
      <h3>{c.startOverTitle}</h3>
      <div className="row">
        <Button tone="ghost danger" onClick={() => setAsked(true)}>
          {c.startOver}
        </Button>
      </div>
    </>
  );
}
