import type { Device } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Failed, Loading } from "../../ui/States.tsx";
import { Approve } from "./Approve.tsx";
import { Blocked } from "./Blocked.tsx";
import { RecoveryCard } from "./RecoveryCard.tsx";
import { RenameDevice } from "./RenameDevice.tsx";
import { Sure } from "./Sure.tsx";
import { useChatWords } from "./words.ts";

/** The devices that hold the account's keys, and the end of one; how to come back without any, and who is blocked. */
export function DevicesDialog({ onClose }: { onClose(): void }) {
  const { c } = useChatWords();
  const { devices } = useClient();
  const [all, setAll] = useState<Device[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    devices.list().then(setAll, setError);
  }, [devices]);
  useEffect(load, [load]);
  return (
    <Dialog title={c.devices} onClose={onClose}>
      <div className="stack">
        <p className="quiet">{c.devicesLead}</p>
        {error !== null && <Failed error={error} retry={load} />}
        {error === null && !all && <Loading rows={2} />}
        <ul className="lines">
          {all?.map((device) => (
            <DeviceLine key={device.id} device={device} onChanged={load} />
          ))}
        </ul>
        {all && <Approve onApproved={load} />}
        {all && <RecoveryCard />}
        {all && <Blocked />}
      </div>
    </Dialog>
  );
}

function DeviceLine({ device, onChanged }: { device: Device; onChanged(): void }) {
  const { c } = useChatWords();
  const { devices } = useClient();
  const act = useAction();
  const say = useToast();
  const [asked, setAsked] = useState<"revoke" | "rename" | null>(null);
  const leave = () => setAsked(null);
  const { here, id, kind, name } = device;
  const end = async () => {
    if (!(await act(() => devices.revoke(id)))) return;
    say(c.revoked);
    onChanged();
  };
  return (
    <li>
      <div className="row">
        <Icon name="device" />
        <div className="grow">
          <p>{name ?? (kind === "temporary" ? c.temporary : c.device)}</p>
          <p className="hint">{here ? <strong>{c.here}</strong> : id.slice(0, 8)}</p>
        </div>
        {!asked && (
          <Button small tone="ghost" onClick={() => setAsked("rename")}>
            {c.rename}
          </Button>
        )}
        {!here && !asked && (
          <Button small onClick={() => setAsked("revoke")}>
            {c.revoke}
          </Button>
        )}
      </div>
      {asked === "revoke" && <Sure question={c.revokeSure} onYes={end} onNo={leave} />}
      {asked === "rename" && (
        <RenameDevice
          device={device}
          onDone={() => {
            leave();
            onChanged();
          }}
        />
      )}
    </li>
  );
}
