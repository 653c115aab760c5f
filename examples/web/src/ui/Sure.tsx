import { useEffect, useRef, useState } from "react";
import { Button } from "./Button.tsx";

interface SureProps {
  question: string;
  /** What the button says that does it. */
  yes: string;
  no: string;
  onYes(): Promise<void> | void;
  onNo(): void;
}

/** Asks once more, where it stands, before something that cannot be taken back; the focus comes with it. */
export function Sure({ question, yes, no, onYes, onNo }: SureProps) {
  const [busy, setBusy] = useState(false);
  const group = useRef<HTMLFieldSetElement>(null);
  useEffect(() => group.current?.querySelector<HTMLElement>("button:last-of-type")?.focus(), []);
  const run = async () => {
    setBusy(true);
    await onYes();
    setBusy(false);
  };
  return (
    <fieldset className="row" ref={group}>
      <legend className="sure">{question}</legend>
      <Button small tone="ghost danger" busy={busy} onClick={() => void run()}>
        {yes}
      </Button>
      <Button small onClick={onNo}>
        {no}
      </Button>
    </fieldset>
  );
}
