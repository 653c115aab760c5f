import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Sure } from "./Sure.tsx";
import { useChatWords } from "./words.ts";

/** What a device is shown that none of the account's others has let in, and the ways on. */
export function NewDevice({ onReady }: { onReady(): void }) {
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
  return (
    <section className="card stack" aria-label={c.newDevice}>
      <h2>{c.newDevice}</h2>
      <p>{c.newDeviceLead}</p>
      {asked ? (
        <Sure question={c.startOverLead} yes={c.startOverSure} onYes={begin} onNo={() => setAsked(false)} />
      ) : (
        <div className="row">
          <Button onClick={() => setAsked(true)}>{c.startOver}</Button>
        </div>
      )}
    </section>
  );
}
