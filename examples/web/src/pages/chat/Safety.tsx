import type { KnownIdentity } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { describeFailure } from "../../i18n/failure.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { QrCode } from "../../ui/QrCode.tsx";
import { Loading } from "../../ui/States.tsx";
import { useChatWords } from "./words.ts";

interface SafetyProps {
  /** What they are called on this page. */
  who: string;
  /** What the SDK finds them by; `who` when left out. */
  id?: string;
  /** Called once their new keys were accepted. */
  onAccepted?(): void;
}

/** The digits that are the same on both sides, to be compared by another way than this page, and what was found. */
export function Safety({ who, id = who, onAccepted }: SafetyProps) {
  const { c, t } = useChatWords();
  const { devices } = useClient();
  const act = useAction();
  const say = useToast();
  const { identity, reload } = useIdentity(id);
  const [digits, setDigits] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    devices.safetyNumber(id).then(setDigits, (error) => setProblem(describeFailure(error, t).text));
  }, [devices, id, t]);
  const accept = async () => {
    if (!(await act(() => devices.accept(id)))) return;
    say(c.accepted);
    reload();
    onAccepted?.();
  };
  const verify = async () => {
    if (!(await act(() => devices.verify(id)))) return;
    say(c.verifiedNow(who));
    reload();
  };
  return (
    <section className="notice stack" aria-label={c.safety}>
      {identity?.changed && <p>{c.identity(who)}</p>}
      <Alert text={problem} />
      {!digits && !problem && <Loading rows={1} />}
      {digits && (
        <>
          <p>{c.safetyLead(who)}</p>
          <div className="safety">
            <p className="digits">{inGroups(digits)}</p>
            <QrCode text={digits.replace(/\s/g, "")} label={c.safetyQr} />
          </div>
        </>
      )}
      {digits && identity && <Verdict identity={identity} onAccept={accept} onVerify={verify} />}
    </section>
  );
}

interface VerdictProps {
  identity: KnownIdentity;
  onAccept(): Promise<void>;
  onVerify(): Promise<void>;
}

function Verdict({ identity: { changed, verified }, onAccept, onVerify }: VerdictProps) {
  const { c } = useChatWords();
  if (changed)
    return (
      <div className="row">
        <Button small onClick={() => void onAccept()}>
          {c.accept}
        </Button>
      </div>
    );
  if (verified)
    return (
      <p className="verified" role="status">
        <Icon name="shield" size={18} />
        <span>{c.verified}</span>
      </p>
    );
  return (
    <div className="row">
      <Button small onClick={() => void onVerify()}>
        {c.verify}
      </Button>
    </div>
  );
}

/** Whom this device takes somebody for; looked at anew when something is found to be wrong. */
export function useIdentity(id: string | null): { identity: KnownIdentity | null; reload(): void } {
  const { devices } = useClient();
  const [identity, setIdentity] = useState<KnownIdentity | null>(null);
  const reload = useCallback(() => {
    if (id !== null) devices.identity(id).then(setIdentity, heed);
  }, [devices, id]);
  useEffect(() => {
    reload();
    return devices.on("alarm", ({ kind }) => kind === "identity" && reload());
  }, [devices, reload]);
  return { identity, reload };
}

/** Five digits at a time, as people read them to each other. */
const inGroups = (digits: string): string =>
  digits
    .replace(/\s/g, "")
    .match(/.{1,5}/g)
    ?.join(" ") ?? digits;
