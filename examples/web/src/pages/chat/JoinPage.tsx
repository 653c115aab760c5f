import { isTrackItError } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { useClient, useSession } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { Link, navigate } from "../../app/router.tsx";
import { describeFailure } from "../../i18n/failure.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { AuthLayout } from "../auth/AuthLayout.tsx";
import { SecondFactor } from "../auth/SecondFactor.tsx";
import { SignIn } from "../auth/SignIn.tsx";
import { dropInvitation, takeInvitation } from "./invitation.ts";
import { NewDevice } from "./NewDevice.tsx";
import { useChatWords } from "./words.ts";
import "./chat.css";

/** Where an invitation leads: signs in first where that is needed, then asks, and waits to be let in. */
export default function JoinPage() {
  const { c } = useChatWords();
  const session = useSession();
  const [invitation] = useState(takeInvitation);
  if (!invitation) return <Nothing title={c.join.broken} lead={c.join.brokenLead} />;
  if (!session) return <SignIn title={c.join.title} lead={c.join.signIn} />;
  if (session.needsSecondFactor) return <SecondFactor />;
  return <Join key={session.user.id} invitation={invitation} />;
}

type Step =
  | "ask"
  | "waiting"
  | "stopped"
  | "stranger"
  | "dead"
  | "broken"
  | "newDevice"
  | { problem: string };

function Join({ invitation }: { invitation: string }) {
  const { c, t } = useChatWords();
  const { rooms } = useClient();
  const [step, setStep] = useState<Step>("ask");
  const waiting = useRef<AbortController | null>(null);
  useEffect(() => () => waiting.current?.abort(), []);
  const ask = async () => {
    const stop = new AbortController();
    waiting.current = stop;
    setStep("waiting");
    try {
      const room = await rooms.join(invitation, { signal: stop.signal });
      if (stop.signal.aborted) return;
      dropInvitation();
      navigate(`/chat/${room.id}`, { replace: true });
    } catch (error) {
      if (stop.signal.aborted) return;
      heed(error);
      setStep(stepAfter(error) ?? { problem: describeFailure(error, t).text });
    }
  };
  const cancel = () => {
    waiting.current?.abort();
    setStep("stopped");
  };
  if (step === "dead") return <Nothing title={c.join.dead} lead={c.join.deadLead} />;
  if (step === "broken") return <Nothing title={c.join.broken} lead={c.join.brokenLead} />;
  return (
    <AuthLayout title={c.join.title} lead={c.join.lead}>
      {step === "newDevice" ? (
        <NewDevice onReady={() => void ask()} />
      ) : (
        <>
          {typeof step === "object" && <Alert text={step.problem} />}
          {step === "stranger" && <Alert text={c.join.stranger} />}
          <div role="status">
            {step === "waiting" && (
              <div className="notice stack">
                <strong className="waiting">{c.join.waiting}</strong>
                <p>{c.join.waitingLead}</p>
              </div>
            )}
            {step === "stopped" && <p className="notice">{c.join.stopped}</p>}
          </div>
          {step === "waiting" ? (
            <Button wide onClick={cancel}>
              {c.join.cancel}
            </Button>
          ) : (
            <Button tone="primary" wide onClick={() => void ask()}>
              {c.join.ask}
            </Button>
          )}
          <ToChat />
        </>
      )}
    </AuthLayout>
  );
}

function stepAfter(error: unknown): Step | null {
  if (isTrackItError(error, "ACCESS_NOT_FOUND")) return "dead";
  if (isTrackItError(error, "USAGE_INVALID")) return "broken";
  if (isTrackItError(error, "CRYPTO_IDENTITY")) return "stranger";
  return isTrackItError(error, "CRYPTO_DEVICE") ? "newDevice" : null;
}

function Nothing({ title, lead }: { title: string; lead: string }) {
  return (
    <AuthLayout title={title} lead={lead}>
      <ToChat />
    </AuthLayout>
  );
}

function ToChat() {
  const { c } = useChatWords();
  return (
    <p className="auth-foot">
      <Link href="/chat" onClick={dropInvitation}>
        {c.join.toChat}
      </Link>
    </p>
  );
}
