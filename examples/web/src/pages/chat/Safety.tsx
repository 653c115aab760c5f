import { useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { describeFailure } from "../../i18n/failure.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Loading } from "../../ui/States.tsx";
import { useChatWords } from "./words.ts";

interface SafetyProps {
  /** What they are called on this page. */
  who: string;
  /** What the SDK finds them by; `who` when left out. */
  id?: string;
  /** Their keys have changed, and whoever has compared the numbers may accept them. */
  canAccept?: boolean;
}

/** The digits that are the same on both sides, to be compared by another way than this page. */
export function Safety({ who, id = who, canAccept = false }: SafetyProps) {
  const { c, t } = useChatWords();
  const { devices } = useClient();
  const act = useAction();
  const say = useToast();
  const [digits, setDigits] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    devices.safetyNumber(id).then(setDigits, (error) => setProblem(describeFailure(error, t).text));
  }, [devices, id, t]);
  const accept = async () => {
    if (await act(() => devices.accept(id))) say(c.accepted);
  };
  return (
    <section className="notice stack" aria-label={c.safety}>
      {canAccept && <p>{c.identity(who)}</p>}
      <Alert text={problem} />
      {!digits && !problem && <Loading rows={1} />}
      {digits && (
        <>
          <p>{c.safetyLead(who)}</p>
          <p className="digits">{inGroups(digits)}</p>
        </>
      )}
      {digits && canAccept && (
        <Button small onClick={() => void accept()}>
          {c.accept}
        </Button>
      )}
    </section>
  );
}

/** Five digits at a time, as people read them to each other. */
const inGroups = (digits: string): string =>
  digits
    .replace(/\s/g, "")
    .match(/.{1,5}/g)
    ?.join(" ") ?? digits;
