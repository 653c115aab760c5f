import { type ApprovalRequest, isTrackItError } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { describeFailure } from "../../i18n/failure.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { QrCode } from "../../ui/QrCode.tsx";
import { useChatWords } from "./words.ts";

/** On a new device: a code for one that the account has, shown until that one has let this one in. */
export function Approval({ onReady }: { onReady(): void }) {
  const { c, t, format } = useChatWords();
  const { devices } = useClient();
  const [request, setRequest] = useState<ApprovalRequest | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const over = useRef<AbortController | null>(null);
  useEffect(() => () => over.current?.abort(), []);
  const ask = async () => {
    const stop = new AbortController();
    over.current = stop;
    setBusy(true);
    setProblem(null);
    try {
      const made = await devices.requestApproval({ signal: stop.signal });
      setRequest(made);
      setBusy(false);
      await made.approved;
      onReady();
    } catch (error) {
      if (stop.signal.aborted) return;
      heed(error);
      setRequest(null);
      setProblem(isTrackItError(error, "USAGE_REFERENCE") ? c.notKept : describeFailure(error, t).text);
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <h3>{c.approveTitle}</h3>
      <Alert text={problem} />
      {request ? (
        <div role="status" className="stack">
          <p>{c.approveShow}</p>
          <div className="safety">
            <p className="digits">{request.code}</p>
            <QrCode text={request.qr} label={c.approveQr} />
          </div>
          <p className="hint">{c.approveUntil(format.time(request.expiresAt))}</p>
        </div>
      ) : (
        <div className="row">
          <Button tone="primary" busy={busy} onClick={() => void ask()}>
            {c.approveAsk}
          </Button>
        </div>
      )}
    </div>
  );
}
